import { resolve } from 'node:path'
import { Option } from '@commander-js/extra-typings'
import type { PickOrder } from '../../engine/pick/make-strategy.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { CommandContext } from '../command-context.js'
import { openProgress } from '../output/progress.js'
import type { Begin, Command } from '../program.js'
import { loadAhead } from '../torrents/load-ahead.js'
import { torrentIn } from '../torrents/load-torrent.js'
import { sourceName } from '../torrents/source-error.js'
import { infoHashOf } from '../torrents/torrent-facts.js'
import * as sharing from '../transfer/sharing-options.js'
import * as swarm from '../transfer/swarm-options.js'
import { Transfers } from '../transfer/transfers.js'
import { durationValue } from '../values/option-values.js'
import type { Rooms } from '../values/ports.js'

type GetRooms = Pick<Rooms, 'parseMetainfo' | 'openSession'>

interface GetValues extends swarm.SwarmValues, sharing.SharingValues {
  readonly dir: string
  readonly exit?: true | undefined
  readonly ratio?: number | undefined
  readonly seedTime?: number | undefined
  readonly pick: PickOrder
  readonly recheck?: true | undefined
  readonly timeout?: number | undefined
  readonly onComplete?: string | undefined
}

const HELP = `
Started again, it goes on where it was stopped. A complete download is seeded
until Ctrl-C, or as --exit, --ratio and --seed-time say. --on-complete runs in
the shell with TORRENT_NAME, TORRENT_DIR, TORRENT_PATH, TORRENT_INFO_HASH set.

Examples:
  torrent get ubuntu.iso.torrent
  torrent get https://example.org/ubuntu.iso.torrent -d ~/Downloads --exit
  torrent get *.torrent --ratio 1.5 --on-complete 'notify-send "$TORRENT_NAME"'`

export function defineGet(command: Command, begin: Begin, rooms: GetRooms): void {
  command
    .description('Downloads torrents, verifies every piece and then the whole, and seeds them.')
    .argument('<source...>', '.torrent files, `-`, or http(s) addresses')
    .option('-d, --dir <folder>', 'where the content goes', '.')
    .option('--exit', 'leave once complete')
    .addOption(swarm.ratioOption())
    .addOption(swarm.seedTimeOption())
    .addOption(
      new Option(
        '--pick <order>',
        'order of pieces: random, so that peers soon have different ones; rarest first, which is a little quicker while one seed feeds many; sequential, to play what is there',
      )
        .choices(['random', 'rarest', 'sequential'] as const)
        .default('random' as const),
    )
    .option('--recheck', 'verify what is there, whatever the saved state says')
    .option('--timeout <duration>', 'give up when nothing has moved for so long', durationValue)
    .option('--on-complete <command>', 'run this after each download')
    .addOption(swarm.peerOption())
    .addOption(swarm.trackerOption())
    .addOption(swarm.noTrackerOption())
    .addOption(swarm.noPexOption())
    .addOption(swarm.portOption())
    .addOption(swarm.bindOption())
    .addOption(swarm.maxPeersOption())
    .addOption(swarm.encryptionOption())
    .addOption(sharing.slotsOption())
    .addOption(sharing.seedChokerOption())
    .addOption(swarm.limitDownOption())
    .addOption(swarm.limitUpOption())
    .addOption(swarm.noLimitLocalOption())
    .addHelpText('after', HELP)
    .action(async (sources, values) => await get(sources, values, await begin(), rooms))
}

async function get(
  sources: readonly string[],
  values: GetValues,
  context: CommandContext,
  rooms: GetRooms,
): Promise<void> {
  const transfers = new Transfers(context)
  using stop = context.stopOnSignals(() => transfers.isUnfinished)
  const torrents = await loadAll(sources, context, rooms)
  if (torrents.length === 0) return

  const from = await swarm.peerSources(values, context.output)
  const dir = resolve(values.dir)
  const { pick, recheck = false } = values
  const plans = torrents.map(metainfo => ({
    metainfo,
    options: { dir, mode: 'get' as const, pick, recheck, ...from, ...sharing.sharing(values) },
  }))
  const goals = {
    exitWhenComplete: values.exit ?? false,
    ratio: values.ratio,
    seedTimeSeconds: values.seedTime,
    timeoutSeconds: values.timeout,
  }
  using view = await openProgress(context.output)
  await using session = await rooms.openSession(swarm.sessionOptions(values))
  await transfers.run(plans, { goals, onComplete: values.onComplete }, { session, stop, view })
}

/** The torrents of all sources that hold one, each of them once; what is wrong with the others is told. */
async function loadAll(
  sources: readonly string[],
  context: CommandContext,
  rooms: GetRooms,
): Promise<Metainfo[]> {
  const torrents = new Map<string, Metainfo>()
  for (const { source, loading } of loadAhead(sources)) {
    try {
      const metainfo = await torrentIn(await loading, source, rooms)
      for (const warning of metainfo.warnings) context.output.warning(`${sourceName(source)}: ${warning}`)
      torrents.set(infoHashOf(metainfo), metainfo)
    } catch (error) {
      context.fail(error)
    }
  }
  return [...torrents.values()]
}
