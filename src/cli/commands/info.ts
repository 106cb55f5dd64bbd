import type { Magnet } from '../../protocol/magnet.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { CommandContext } from '../command-context.js'
import { addOptions } from '../options/add-options.js'
import type { ParsedOptions } from '../options/option-table.js'
import type { MagnetFacts } from '../output/json-events.js'
import type { Begin, Command } from '../program.js'
import type { Services } from '../services.js'
import { loadSource } from '../torrents/load-source.js'
import { parseNamed } from '../torrents/load-torrent.js'
import { readMagnet } from '../torrents/read-magnet.js'
import { SourceError, sourceName } from '../torrents/source-error.js'
import {
  detailsOf,
  factsOf,
  infoHashesOf,
  infoHashOf,
  shownAddresses,
  shownNameOf,
} from '../torrents/torrent-facts.js'
import { SHOWN_LINES } from '../values/shown-lines.js'
import { magnetPicture, torrentPicture } from '../view/torrent-picture.js'

type InfoServices = Pick<Services, 'parseMetainfo' | 'parseMagnet' | 'toMagnet' | 'wrapInfo' | 'openSession'>

type InfoValues = ParsedOptions<'info'>

export function defineInfo(command: Command, begin: Begin, services: InfoServices): void {
  addOptions(command, 'info')
    .description('Shows the contents of a torrent or a magnet link.')
    .argument('<source>', '.torrent file, `-`, http(s) address, magnet link or info hash')
    .addHelpText(
      'after',
      "\nThe number before a file selects it in `torrent get`. Metadata that `get` has fetched before is shown without asking peers again.\n\nExamples:\n  torrent info ubuntu.iso.torrent\n  torrent info --fetch 'magnet:?xt=urn:btih:…&tr=…'\n  torrent info --json - < ubuntu.iso.torrent | jq .infoHashV1",
    )
    .action(async (source, values) => await info(source, values, await begin(), services))
}

async function info(
  source: string,
  values: InfoValues,
  context: CommandContext,
  services: InfoServices,
): Promise<void> {
  const { output } = context
  const { paint } = output
  const maxLines = values.all ? undefined : output.isForEyes ? SHOWN_LINES.onTerminal : SHOWN_LINES.elsewhere
  const view = { paint, maxLines, hint: '--all shows them', isNumbered: true }
  const loaded = await loadSource(source, { note: text => output.note(text) })
  switch (loaded.type) {
    case 'metainfo':
      await show(await parseNamed(loaded.bytes, source, services), source)
      return
    case 'magnet': {
      const magnet = await readMagnet(loaded.text, services, output)
      if (values.fetch) {
        const { fetchAndKeep } = await import('../torrents/fetch-and-keep.js')
        await show(await fetchAndKeep(magnet, values, context, services), shownNameOf(magnet))
        return
      }
      output.event({ type: 'info', ...magnetFacts(magnet) })
      output.result(magnetPicture(magnet, view))
      return
    }
    case 'path':
      throw new SourceError('no-torrent', `${source}: not a .torrent`, { source })
  }

  async function show(metainfo: Metainfo, shownSource: string): Promise<void> {
    const magnet = await services.toMagnet(metainfo)
    const details = detailsOf(metainfo, magnet)
    if (output.isJson) output.event({ type: 'info', ...factsOf(metainfo), ...details })
    // Where standard output is the .torrent, nothing else is.
    if (values.out !== '-') output.result(torrentPicture(metainfo, magnet, view))
    // With `--json` it is one object, which holds them.
    if (output.isJson) return
    const about = { infoHash: infoHashOf(metainfo), name: sourceName(shownSource) }
    for (const warning of [...metainfo.warnings, ...metainfo.oddities])
      output.warn('metainfo', warning, about)
  }
}

function magnetFacts(magnet: Magnet): MagnetFacts {
  const { name } = magnet
  return { ...(name === undefined ? {} : { name }), ...infoHashesOf(magnet), ...shownAddresses(magnet) }
}
