import { resolve } from 'node:path'
import { Option } from '@commander-js/extra-typings'
import type { PickOrder } from '../../engine/pick/make-strategy.js'
import type { CommandContext } from '../command-context.js'
import { CliError } from '../errors/cli-error.js'
import { openProgress } from '../output/progress.js'
import type { StopSignal } from '../output/stop-signal.js'
import type { Begin, Command } from '../program.js'
import { loadSources } from '../torrents/load-sources.js'
import { torrentIn } from '../torrents/load-torrent.js'
import { sourceName } from '../torrents/source-error.js'
import { infoHashOf } from '../torrents/torrent-facts.js'
import * as sharing from '../transfer/sharing-options.js'
import * as swarm from '../transfer/swarm-options.js'
import { type TransferPlan, Transfers } from '../transfer/transfers.js'
import { sourceValues, timeLimitValue } from '../values/option-values.js'
import type { Rooms } from '../values/ports.js'

type GetRooms = Pick<Rooms, 'parseMetainfo' | 'openSession'>

interface GetValues extends swarm.SwarmValues, sharing.SharingValues {
  readonly dir: string
  readonly exit?: true | undefined
  readonly ratio?: number | undefined
  readonly seedTime?: number | undefined
  readonly pick: PickOrder
  readonly recheck?: true | undefined
  readonly truncate?: true | undefined
  readonly sync?: true | undefined
  readonly timeout?: number | undefined
  readonly onComplete?: string | undefined
}

const HELP = `
Run the same command again to resume. A complete download is seeded until
Ctrl-C, or as --exit, --ratio and --seed-time say. --on-complete runs in the
shell with TORRENT_NAME, TORRENT_DIR, TORRENT_PATH, TORRENT_INFO_HASH set; when
it fails, it runs again at the next start.

Examples:
  torrent get ubuntu.iso.torrent
  torrent get https://example.org/ubuntu.iso.torrent -d ~/Downloads --exit
  torrent get *.torrent --ratio 1.5 --on-complete 'notify-send "$TORRENT_NAME"'`

export function defineGet(command: Command, begin: Begin, rooms: GetRooms): void {
  command
    .description('Downloads torrents, verifies every piece and then the whole, and seeds them.')
    .argument('<source...>', '.torrent files, `-`, or http(s) addresses', sourceValues)
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
    .option('--truncate', "cut files that are longer than they should be, where they hold the torrent's data")
    .option(
      '--sync',
      'report a download as saved only once all of it is on the disk, safe from a loss of power',
    )
    .option(
      '--timeout <duration>',
      'give up when nothing has moved for this long, 0 for no limit (default: 0)',
      timeLimitValue,
    )
    .option('--on-complete <command>', 'run this in the shell, once for each completed download')
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
  using stop = context.stopOnSignals()
  const goals = {
    exitWhenComplete: values.exit ?? false,
    ratio: values.ratio,
    seedTimeSeconds: values.seedTime,
    timeoutSeconds: values.timeout,
  }
  using view = await openProgress(context.output)
  const plans = planAll(sources, { values, context, rooms, stop })
  const openSession = () => rooms.openSession(swarm.sessionOptions(values))
  await transfers.run(plans, { goals, onComplete: values.onComplete }, { openSession, stop, view })
}

interface Scene {
  readonly values: GetValues
  readonly context: CommandContext
  readonly rooms: GetRooms
  readonly stop: StopSignal
}

/** What to download of each source, each torrent once; what is wrong with one of them is told, and the others go on. */
async function* planAll(sources: readonly string[], scene: Scene): AsyncGenerator<TransferPlan> {
  const { values, rooms, stop } = scene
  const { output } = scene.context
  const { signal } = stop
  const dir = resolve(values.dir)
  const countsSeedingTime = values.seedTime !== undefined
  const { pick, recheck = false, truncate = false, sync = false, timeout } = values
  const from = await swarm.peerSources(values, output, signal)
  const timeoutMs = timeout === undefined ? undefined : timeout * 1000
  const note = (text: string): void => output.note(text)
  const known = new Set<string>()
  for await (const { source, loading } of loadSources(sources, { signal, timeoutMs, note })) {
    try {
      const metainfo = await torrentIn(await loading, source, rooms)
      const infoHash = infoHashOf(metainfo)
      for (const warning of metainfo.warnings) {
        output.warn('metainfo', warning, { infoHash, name: sourceName(source) })
      }
      if (known.has(infoHash)) continue
      known.add(infoHash)
      yield {
        metainfo,
        options: {
          dir,
          mode: 'get',
          pick,
          recheck,
          truncate,
          countsSeedingTime,
          sync,
          ...from,
          ...sharing.sharing(values),
        },
      }
    } catch (error) {
      if (stop.isStopped) {
        const what = `${sourceName(source)}: stopped before it was loaded`
        scene.context.fail(new CliError('interrupted', what, { subject: source }))
        return
      }
      scene.context.fail(error)
    }
  }
}
