import type { Bitfield } from '../../base/bitfield.js'
import { withoutUserInfo } from '../../base/shown-url.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import { addOptions } from '../options/add-options.js'
import type { Begin, Command } from '../program.js'
import type { Services } from '../services.js'
import { loadTorrent } from '../torrents/load-torrent.js'
import { sourceName } from '../torrents/source-error.js'
import { infoHashesOf, infoHashOf } from '../torrents/torrent-facts.js'

type MagnetServices = Pick<Services, 'parseMetainfo' | 'toMagnet'>

export function defineMagnet(command: Command, begin: Begin, services: MagnetServices): void {
  addOptions(command, 'magnet')
    .description('Prints the magnet link of a torrent, or of some of its files.')
    .argument('<torrent>', '.torrent file, `-`, or http(s) address')
    .addHelpText(
      'after',
      "\nExamples:\n  torrent magnet ubuntu.iso.torrent\n  torrent magnet season.torrent --select '*e01*'",
    )
    .action(async (source, { select }) => {
      const { output } = await begin()
      const metainfo = await loadTorrent(source, services, { note: text => output.note(text) })
      const infoHash = infoHashOf(metainfo)
      const magnet = await services.toMagnet(metainfo, await selectedFiles(metainfo, select))
      if ([...metainfo.trackers.flat(), ...metainfo.webSeeds].some(url => withoutUserInfo(url) !== url)) {
        const what = 'the link leaves out user names and passwords of its addresses'
        output.warn('left-out', what, { infoHash, name: sourceName(source) })
      }
      const { name } = metainfo
      output.event({ type: 'magnet', infoHash, name, ...infoHashesOf(metainfo), magnet })
      output.result(magnet)
    })
}

/** The files that `--select` names; undefined where it is not given. */
async function selectedFiles(metainfo: Metainfo, select: readonly string[]): Promise<Bitfield | undefined> {
  if (select.length === 0) return undefined
  const { fileSelector } = await import('../torrents/select-files.js')
  return fileSelector({ select, first: [] })?.(metainfo).selected
}
