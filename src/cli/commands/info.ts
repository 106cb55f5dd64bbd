import type { Magnet } from '../../protocol/magnet.js'
import type { CommandContext } from '../command-context.js'
import { addOptions } from '../options/add-options.js'
import type { MagnetFacts } from '../output/json-events.js'
import type { Begin, Command } from '../program.js'
import type { Services } from '../services.js'
import { loadSource } from '../torrents/load-source.js'
import { parseNamed } from '../torrents/load-torrent.js'
import { SourceError, sourceName } from '../torrents/source-error.js'
import { detailsOf, factsOf, infoHashesOf, infoHashOf, shownAddresses } from '../torrents/torrent-facts.js'
import { SHOWN_LINES } from '../values/shown-lines.js'
import { magnetPicture, torrentPicture } from '../view/torrent-picture.js'

type InfoServices = Pick<Services, 'parseMetainfo' | 'parseMagnet' | 'toMagnet'>

export function defineInfo(command: Command, begin: Begin, services: InfoServices): void {
  addOptions(command, 'info')
    .description('Shows the contents of a torrent or a magnet link.')
    .argument('<source>', '.torrent file, `-`, http(s) address, magnet link or info hash')
    .addHelpText(
      'after',
      '\nExamples:\n  torrent info ubuntu.iso.torrent\n  torrent info --json - < ubuntu.iso.torrent | jq .infoHashV1',
    )
    .action(async (source, { all }) => await info(source, all, await begin(), services))
}

async function info(
  source: string,
  all: boolean,
  { output }: CommandContext,
  services: InfoServices,
): Promise<void> {
  const { paint } = output
  const maxLines = all ? undefined : output.isForEyes ? SHOWN_LINES.onTerminal : SHOWN_LINES.elsewhere
  const view = { paint, maxLines, hint: '--all shows them' }
  const loaded = await loadSource(source, { note: text => output.note(text) })
  switch (loaded.type) {
    case 'metainfo': {
      const metainfo = await parseNamed(loaded.bytes, source, services)
      const magnet = await services.toMagnet(metainfo)
      const details = detailsOf(metainfo, magnet)
      if (output.isJson) output.event({ type: 'info', ...factsOf(metainfo), ...details })
      output.result(torrentPicture(metainfo, magnet, view))
      // With `--json` it is one object, which holds them.
      if (output.isJson) return
      const about = { infoHash: infoHashOf(metainfo), name: sourceName(source) }
      for (const warning of [...metainfo.warnings, ...metainfo.oddities])
        output.warn('metainfo', warning, about)
      return
    }
    case 'magnet': {
      const magnet = await services.parseMagnet(loaded.text)
      output.event({ type: 'info', ...magnetFacts(magnet) })
      output.result(magnetPicture(magnet, view))
      return
    }
    case 'path':
      throw new SourceError('no-torrent', `${source}: this is no .torrent`, { source })
  }
}

function magnetFacts(magnet: Magnet): MagnetFacts {
  const { name } = magnet
  return { ...(name === undefined ? {} : { name }), ...infoHashesOf(magnet), ...shownAddresses(magnet) }
}
