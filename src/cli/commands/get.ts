import { resolve } from 'node:path'
import type { CommandContext } from '../command-context.js'
import { CliError } from '../errors/cli-error.js'
import { addOptions } from '../options/add-options.js'
import type { ParsedOptions } from '../options/option-table.js'
import { NO_LIMIT, sourceValues } from '../options/option-values.js'
import { PICKED } from '../options/rows/transfer.js'
import { openProgress } from '../output/progress.js'
import type { StopSignal } from '../output/stop-signal.js'
import type { Begin, Command } from '../program.js'
import type { Services } from '../services.js'
import { loadSources } from '../torrents/load-sources.js'
import { torrentIn } from '../torrents/load-torrent.js'
import { readMagnet } from '../torrents/read-magnet.js'
import { fileSelector } from '../torrents/select-files.js'
import { sourceName } from '../torrents/source-error.js'
import { hasMetainfo, infoHashOf } from '../torrents/torrent-facts.js'
import { magnetSources } from '../transfer/magnet-sources.js'
import type { PlannedRun } from '../transfer/plan-metainfo.js'
import { peerSources, sessionOptions, uploadOptions } from '../transfer/swarm-options.js'
import { type TransferPlan, Transfers } from '../transfer/transfers.js'

type GetServices = Pick<Services, 'parseMetainfo' | 'parseMagnet' | 'openSession' | 'previewContent'>

type GetValues = ParsedOptions<'get'>

const HELP = `
Run the same command again to resume. A complete download is seeded until
Ctrl-C, or as --exit, --ratio and --seed-time say. --on-complete runs in the
shell with TORRENT_NAME, TORRENT_DIR, TORRENT_PATH, TORRENT_INFO_HASH set; when
it fails, it runs again at the next start.

Examples:
  torrent get ubuntu.iso.torrent
  torrent get 'magnet:?xt=urn:btih:…&tr=…'
  torrent get https://example.org/ubuntu.iso.torrent -d ~/Downloads --exit
  torrent get ubuntu.iso.torrent --dry-run
  torrent get season.torrent --select '*.mkv' --select '!*sample*' --first '*e01*'
  torrent get *.torrent --ratio 1.5 --on-complete 'notify-send "$TORRENT_NAME"'`

export function defineGet(command: Command, begin: Begin, services: GetServices): void {
  addOptions(command, 'get')
    .description('Downloads torrents, verifies each piece and each file, and then seeds them.')
    .argument(
      '<source...>',
      '.torrent files, `-`, http(s) addresses, magnet links, or info hashes',
      sourceValues,
    )
    .addHelpText('after', HELP)
    .action(async (sources, values) => await get(sources, values, await begin(), services))
}

async function get(
  sources: readonly string[],
  values: GetValues,
  context: CommandContext,
  services: GetServices,
): Promise<void> {
  const transfers = new Transfers(context)
  using stop = context.stopOnSignals()
  const planned = planAll(sources, { values, context, services, stop })
  const openSession = () => services.openSession(sessionOptions(values))
  const { exit: exitWhenComplete, timeout: timeoutSeconds, onComplete } = values
  const run: PlannedRun = { context, signal: stop.signal, timeoutSeconds, openSession }
  const plans = values.select.includes(PICKED) ? await pick(planned, values.first, run) : planned
  if (values.dryRun) {
    const { dryRun } = await import('../transfer/dry-run.js')
    await dryRun(plans, services, run)
    return
  }
  using view = await openProgress(context.output)
  await transfers.run(plans, { exitWhenComplete, timeoutSeconds, onComplete }, { openSession, stop, view })
}

/** `--select` without a value: lets the user pick files on the terminal, before progress is drawn there. */
async function pick(
  plans: AsyncIterable<TransferPlan>,
  first: readonly string[],
  run: PlannedRun,
): Promise<readonly TransferPlan[]> {
  const { assertPickable, pickPlans } = await import('../transfer/pick-plans.js')
  assertPickable()
  return await pickPlans(plans, first, run)
}

interface GetRun {
  readonly values: GetValues
  readonly context: CommandContext
  readonly services: GetServices
  readonly stop: StopSignal
}

/** Plans the download of each source, each torrent once. A source that fails is reported, and the others go on. */
async function* planAll(sources: readonly string[], run: GetRun): AsyncGenerator<TransferPlan> {
  const { values, services, stop } = run
  const { output } = run.context
  const { signal } = stop
  const dir = resolve(values.dir)
  const { pick, recheck, truncate, sync, timeout, ratio, seedTime } = values
  const from = await peerSources(values, output, signal)
  const timeoutMs = timeout === NO_LIMIT ? undefined : timeout * 1000
  const note = (text: string): void => output.note(text)
  const known = new Set<string>()
  for await (const { source, loading } of loadSources(sources, { signal, timeoutMs, note })) {
    try {
      const loaded = await loading
      const torrent =
        loaded.type === 'magnet'
          ? await readMagnet(loaded.text, services, output)
          : await torrentIn(loaded, source, services)
      const infoHash = infoHashOf(torrent)
      if (hasMetainfo(torrent)) {
        for (const warning of torrent.warnings)
          output.warn('metainfo', warning, { infoHash, name: sourceName(source) })
      }
      if (known.has(infoHash)) continue
      known.add(infoHash)
      const listed = hasMetainfo(torrent) ? undefined : torrent.selectOnly
      const select = values.select.filter(text => text !== PICKED)
      const selection = fileSelector({ select, first: values.first, listed })
      // What selects nothing is told before anything begins.
      if (hasMetainfo(torrent)) selection?.(torrent)
      yield {
        torrent,
        options: {
          dir,
          mode: 'get',
          selection,
          pick,
          recheck,
          truncate,
          goals: { ratio, seedTimeSeconds: seedTime },
          sync,
          ...(hasMetainfo(torrent) ? from : await magnetSources(torrent, from, output, signal)),
          ...uploadOptions(values),
        },
      }
    } catch (error) {
      if (stop.isStopped) {
        const what = `${sourceName(source)}: stopped before it was loaded`
        run.context.fail(new CliError('interrupted', what, { subject: source }))
        return
      }
      run.context.fail(error)
    }
  }
}
