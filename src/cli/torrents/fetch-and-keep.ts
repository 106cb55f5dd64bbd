import type { Magnet } from '../../protocol/magnet.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import { lacksLayers } from '../../protocol/metainfo/piece-layers.js'
import type { CommandContext } from '../command-context.js'
import type { ParsedOptions } from '../options/option-table.js'
import type { Services } from '../services.js'
import { magnetSources } from '../transfer/magnet-sources.js'
import { peerSources } from '../transfer/swarm-options.js'
import { fetchMetainfo } from './fetch-metainfo.js'
import { infoHashOf, shownNameOf } from './torrent-facts.js'
import { assertFree, findPlace, writeResult } from './torrent-file.js'

type FetchValues = Pick<
  ParsedOptions<'info'>,
  'out' | 'force' | 'timeout' | 'peer' | 'tracker' | 'noTracker' | 'lsd'
>

/** Fetches the metainfo of a magnet link, and keeps it as a .torrent where `--out` says so. */
export async function fetchAndKeep(
  magnet: Magnet,
  values: FetchValues,
  context: CommandContext,
  services: Pick<Services, 'wrapInfo' | 'openSession'>,
): Promise<Metainfo> {
  const { output } = context
  const { out, force, timeout } = values
  const place = out === undefined ? undefined : await findPlace(out)
  if (place !== undefined && !force) assertFree(place)
  using stop = context.stopOnSignals()
  const { signal } = stop
  const named = await peerSources({ ...values, allTrackers: true, pex: true }, output, signal)
  const sources = await magnetSources(magnet, named, output, signal)
  await using session = await services.openSession({ port: 0, localDiscovery: values.lsd })
  output.note(`${shownNameOf(magnet)}: asking peers for the metadata`)
  const about = { infoHash: infoHashOf(magnet), name: shownNameOf(magnet) }
  const metainfo = await fetchMetainfo(session, magnet, {
    sources,
    timeoutSeconds: timeout,
    signal,
    warn: (code, message) => output.warn(code, message, about),
  })
  if (place !== undefined) {
    if (lacksLayers(metainfo)) {
      const what = 'the .torrent lacks piece layers, which peers do not give with the metadata'
      output.warn('no-layers', what, { infoHash: infoHashOf(metainfo), name: metainfo.name })
    }
    const bytes = await services.wrapInfo(metainfo)
    if (place.type === 'stdout') output.bytes(bytes)
    else {
      await writeResult(place, bytes, signal)
      output.note(`wrote ${out}`)
    }
  }
  return metainfo
}
