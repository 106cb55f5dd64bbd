import { rangesOf } from '../../protocol/file-ranges.js'
import { CliError } from '../errors/cli-error.js'
import { fileSelector } from '../torrents/select-files.js'
import { infoHashOf } from '../torrents/torrent-facts.js'
import { canPick, pickFiles } from '../view/picker/pick-files.js'
import { metainfoOf, type PlannedRun } from './plan-metainfo.js'
import type { TransferPlan } from './transfers.js'

/** @throws {CliError} `usage`: there is no terminal to pick files on */
export function assertPickable(): void {
  if (canPick(process)) return
  const what =
    "--select without a value picks from a list on a terminal: give it files, as in --select '*.mkv' or --select 0,2-5"
  throw new CliError('usage', what, { subject: '--select' })
}

/**
 * Lets the user pick the files of each download, starting from its other selection. All are picked before the first download begins.
 * @param first as `--first`
 * @throws {CliError} `interrupted` where it was cancelled
 */
export async function pickPlans(
  plans: AsyncIterable<TransferPlan>,
  first: readonly string[],
  run: PlannedRun,
): Promise<TransferPlan[]> {
  const picked: TransferPlan[] = []
  for await (const plan of plans) {
    try {
      picked.push(await pickPlan(plan, first, run))
    } catch (error) {
      if (run.signal.aborted || (error instanceof CliError && error.code === 'interrupted')) throw error
      run.context.fail(error, infoHashOf(plan.torrent))
    }
  }
  return picked
}

async function pickPlan(
  plan: TransferPlan,
  first: readonly string[],
  run: PlannedRun,
): Promise<TransferPlan> {
  const { context, signal } = run
  const metainfo = await metainfoOf(plan, run)
  const before = plan.options.selection?.(metainfo)
  // Of one file there is nothing to pick.
  if (!metainfo.isFolder) return plan
  const { stdin, stderr } = process
  const entries = await pickFiles(metainfo, index => before?.has(index) ?? true, {
    stdin,
    stderr,
    paint: context.output.notePaint,
    signal,
  })
  if (entries === undefined)
    throw new CliError('interrupted', `${metainfo.name}: stopped before files were picked`, {
      subject: metainfo.name,
    })
  const selection = fileSelector({ select: [], first, listed: rangesOf(entries) })
  return { ...plan, options: { ...plan.options, selection } }
}
