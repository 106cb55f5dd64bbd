import { toHex } from '../../base/bytes.js'
import { withoutPassword } from '../../base/shown-url.js'
import type { TrackerScrape } from '../../client/scrape-trackers.js'
import type { Magnet } from '../../protocol/magnet.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { CommandContext } from '../command-context.js'
import { CliError } from '../errors/cli-error.js'
import { addOptions } from '../options/add-options.js'
import type { ParsedOptions } from '../options/option-table.js'
import type { Begin, Command } from '../program.js'
import type { Services } from '../services.js'
import { loadSource } from '../torrents/load-source.js'
import { torrentIn } from '../torrents/load-torrent.js'
import { readMagnet } from '../torrents/read-magnet.js'
import { sourceName } from '../torrents/source-error.js'
import { type ScrapeRow, scrapeTable } from '../view/scrape-table.js'
import { counted } from '../view/text.js'

type ScrapeServices = Pick<Services, 'parseMetainfo' | 'parseMagnet' | 'scrapeTrackers'>

/** Of a torrent that may name any number. */
const MAX_TRACKERS = 200

const WIRE_HASH_LENGTH = 20

const HELP = `
A hybrid torrent has two swarms, which trackers count separately. A number that
a tracker does not report is shown as –.

Examples:
  torrent scrape ubuntu.iso.torrent
  torrent scrape --json ubuntu.iso.torrent | jq .seeders`

export function defineScrape(command: Command, begin: Begin, services: ScrapeServices): void {
  addOptions(command, 'scrape')
    .description('Asks the trackers of a torrent how many peers they know.')
    .argument('<source>', '.torrent file, `-`, http(s) address, magnet link or info hash')
    .addHelpText('after', HELP)
    .action(async (source, values) => await scrape(source, values, await begin(), services))
}

/** A swarm of the torrent. */
interface Swarm {
  readonly version: 'v1' | 'v2'
  readonly infoHash: Uint8Array
}

async function scrape(
  source: string,
  { tracker, bind }: ParsedOptions<'scrape'>,
  context: CommandContext,
  services: ScrapeServices,
): Promise<void> {
  const { output } = context
  const torrent = await loadTrackers(source, context, services)
  const urls = [...new Set([...torrent.trackers, ...tracker].flat())].slice(0, MAX_TRACKERS)
  const subject = sourceName(source)
  if (urls.length === 0) throw new CliError('no-tracker', `${subject}: it names no tracker`, { subject })
  const swarms = swarmsOf(torrent)
  const wireHashes = swarms.map(({ infoHash }) => infoHash.subarray(0, WIRE_HASH_LENGTH))
  const onSilence = (silent: readonly string[]): void => output.note(`${silenceOf(silent)}; still waiting`)
  const scrapes = await services.scrapeTrackers(urls, wireHashes, { bind, onSilence })

  const rows: ScrapeRow[] = []
  for (const result of scrapes) {
    if (result.type === 'failed') output.warn(result.error.code, result.error.message)
    else rows.push(...tell(result, swarms, context))
  }
  if (rows.length === 0) throw new CliError('no-answer', `${subject}: no tracker answered`, { subject })
  output.result(scrapeTable(rows, output.paint))
}

function silenceOf(urls: readonly string[]): string {
  const [url = ''] = urls
  return urls.length === 1
    ? `${withoutPassword(url)}: no answer yet`
    : `no answer yet from ${counted(urls.length, 'tracker')}`
}

async function loadTrackers(
  source: string,
  { output }: CommandContext,
  services: ScrapeServices,
): Promise<Metainfo | Magnet> {
  const loaded = await loadSource(source, { note: text => output.note(text) })
  if (loaded.type === 'magnet') return await readMagnet(loaded.text, services, output)
  return await torrentIn(loaded, source, services)
}

function swarmsOf({ infoHashV1, infoHashV2 }: Pick<Magnet, 'infoHashV1' | 'infoHashV2'>): Swarm[] {
  return [
    ...(infoHashV1 === undefined ? [] : [{ version: 'v1', infoHash: infoHashV1 } as const]),
    ...(infoHashV2 === undefined ? [] : [{ version: 'v2', infoHash: infoHashV2 } as const]),
  ]
}

/** Writes the objects of `--json` for a tracker that answered, and gives its rows of the table. */
function tell(
  result: Extract<TrackerScrape, { type: 'answered' }>,
  swarms: readonly Swarm[],
  { output }: CommandContext,
): ScrapeRow[] {
  const url = withoutPassword(result.url)
  return swarms.map(({ version, infoHash }, index) => {
    const { seeders, leechers, downloads } = result.swarms[index] ?? {}
    output.event({
      type: 'scrape',
      infoHash: toHex(infoHash),
      url,
      ...(seeders === undefined ? {} : { seeders }),
      ...(leechers === undefined ? {} : { leechers }),
      ...(downloads === undefined ? {} : { downloads }),
    })
    const where = swarms.length === 1 ? url : `${url} (${version})`
    return { seeders, leechers, downloads, where }
  })
}
