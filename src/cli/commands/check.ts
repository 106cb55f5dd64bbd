import { resolve } from 'node:path'
import { printable } from '../../base/printable.js'
import { cutForPeople, cutInMiddle } from '../../base/text-pieces.js'
import type { ContentReport, FileReport } from '../../client/check-content.js'
import type { Remedy } from '../../client/check-remedy.js'
import { changedNamesInWords } from '../../client/disk/names/changed-names.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { CommandContext } from '../command-context.js'
import { CliError } from '../errors/cli-error.js'
import { addOptions } from '../options/add-options.js'
import { sourceValues } from '../options/option-values.js'
import { LazyList } from '../output/json-pieces.js'
import type { Output } from '../output/output.js'
import { openProgress } from '../output/progress.js'
import type { Begin, Command } from '../program.js'
import type { Services } from '../services.js'
import { loadTorrent } from '../torrents/load-torrent.js'
import { sourceName } from '../torrents/source-error.js'
import { infoHashesOf, infoHashOf } from '../torrents/torrent-facts.js'
import { formatBytes } from '../values/units.js'
import type { Paint } from '../view/palette.js'
import { counted } from '../view/text.js'

type CheckServices = Pick<Services, 'parseMetainfo' | 'checkContent'>

/** Of a path that is shown, in UTF-16 units: most systems take none that is longer. */
const MAX_PATH = 4_096

const STATES = {
  ok: 'ok',
  damaged: 'damaged',
  missing: 'missing',
  'too-short': 'too short',
  'too-long': 'too long',
  blocked: 'blocked',
  'not-selected': 'not selected',
} as const

export function defineCheck(command: Command, begin: Begin, services: CheckServices): void {
  addOptions(command, 'check')
    .description('Verifies the data on disk against torrents, and lists damaged and missing files.')
    .argument('<torrent...>', '.torrent files, `-`, or http(s) addresses', sourceValues)
    .addHelpText('after', '\nExample:\n  torrent check ubuntu.iso.torrent -d ~/Downloads')
    .action(async (sources, { dir }) => await checkAll(sources, resolve(dir), await begin(), services))
}

/** One after another; what is wrong with one of them is told, and the others are checked. */
async function checkAll(
  sources: readonly string[],
  dir: string,
  context: CommandContext,
  services: CheckServices,
): Promise<void> {
  using stop = context.stopOnSignals()
  for (const source of sources) {
    try {
      await check(source, dir, context, services, stop.signal)
    } catch (error) {
      context.fail(error)
      if (stop.isStopped) return
    }
    await context.output.ready(stop.signal)
  }
}

async function check(
  source: string,
  dir: string,
  context: CommandContext,
  services: CheckServices,
  signal: AbortSignal,
): Promise<void> {
  const { output } = context
  const metainfo = await load(source, context, services, signal)
  const report = await verify(metainfo, dir, context, services, signal)
  const about = { infoHash: infoHashOf(metainfo), name: metainfo.name }
  const renamed = changedNamesInWords(report.changedNames)
  if (renamed !== undefined) output.warn('name-changed', renamed, about)
  const leftOut = report.files.filter(({ state }) => state === 'not-selected').length
  const wrong = report.files.filter(({ state }) => state !== 'ok' && state !== 'not-selected')
  if (output.isJson) tellReport(metainfo, report, wrong.length === 0, output)
  if (wrong.length > 0) {
    const failure = failureOf(metainfo, dir, report, wrong)
    // If everything is missing, one line says so better than a line for each file.
    if (failure.code !== 'missing') {
      output.result(linesOf(wrong, report.remedy, output.paint))
    }
    context.fail(failure, infoHashOf(metainfo))
    return
  }
  const name = printable(cutForPeople(metainfo.name, MAX_PATH))
  const files = counted(report.files.length, 'file')
  const what =
    leftOut === 0
      ? `${files}, ${counted(report.pieceCount, 'piece')}, ${formatBytes(metainfo.size)}`
      : `${report.files.length - leftOut} of ${files}, the others are not selected`
  output.result(`${output.paint('green', 'ok')}  ${name}: ${what}`)
}

function tellReport(
  metainfo: Metainfo,
  { contentPath, pieceCount, badPieces, files }: ContentReport,
  ok: boolean,
  output: Output,
): void {
  const { name } = metainfo
  output.event({
    type: 'checked',
    infoHash: infoHashOf(metainfo),
    name,
    ...infoHashesOf(metainfo),
    path: contentPath,
    ok,
    pieceCount,
    badPieces,
    files: new LazyList(function* () {
      for (const { path, state } of files) yield { path, state }
    }),
  })
}

async function load(
  source: string,
  { output }: CommandContext,
  services: CheckServices,
  signal: AbortSignal,
): Promise<Metainfo> {
  try {
    return await loadTorrent(source, services, { signal, note: text => output.note(text) })
  } catch (error) {
    if (!signal.aborted) throw error
    throw new CliError('interrupted', `${sourceName(source)}: stopped before it was loaded`, {
      subject: source,
    })
  }
}

async function verify(
  metainfo: Metainfo,
  dir: string,
  { output }: CommandContext,
  services: CheckServices,
  signal: AbortSignal,
): Promise<ContentReport> {
  let done = 0
  const row = {
    name: metainfo.name,
    snapshot: () => ({ type: 'work' as const, activity: 'checking', done, total: metainfo.size }),
  }
  using view = await openProgress(output)
  view.add(row)
  try {
    return await services.checkContent(metainfo, dir, {
      signal,
      onProgress: nowDone => {
        done = nowDone
      },
    })
  } catch (error) {
    if (!signal.aborted) throw error
    throw new CliError('interrupted', `${metainfo.name}: stopped before all was checked`, { subject: dir })
  }
}

function* linesOf(wrong: readonly FileReport[], { moveAway }: Remedy, paint: Paint): Generator<string> {
  for (const { path, state, badPieces } of wrong) {
    const remark = state === 'damaged' ? `  (${counted(badPieces, 'piece')})` : ''
    yield `${paint('red', STATES[state].padEnd(9))}  ${printable(cutInMiddle(path, MAX_PATH))}${remark}`
  }
  // A single one is named with the advice.
  if (moveAway.length > 1) for (const path of moveAway) yield `move away  ${printable(path)}`
}

function failureOf(
  { name }: Metainfo,
  dir: string,
  { files, badPieces, pieceCount, remedy }: ContentReport,
  wrong: readonly FileReport[],
): CliError {
  const isNothingThere =
    wrong.length === files.filter(({ state }) => state !== 'not-selected').length &&
    wrong.every(({ state }) => state === 'missing' || state === 'blocked')
  if (isNothingThere) {
    const nothing = `${name}: nothing of it is in ${dir}`
    if (remedy.moveAway.length === 0) return new CliError('missing', nothing, { subject: dir })
    return new CliError('blocked', `${nothing}: ${adviceOf(remedy)}`, { subject: dir })
  }
  const what = `${wrong.length} of ${counted(files.length, 'file')}, ${badPieces} of ${counted(pieceCount, 'piece')}`
  return new CliError('damaged', `${name}: ${what} are wrong in ${dir}: ${adviceOf(remedy)}`, {
    subject: dir,
  })
}

/** The remedy, for people. */
function adviceOf(remedy: Remedy): string {
  const [first, ...more] = remedy.moveAway
  const repair = `${commandOf(remedy)} repairs it where peers have the data`
  if (first === undefined) return repair
  const path = printable(first)
  if (more.length === 0) return `${path} is not the torrent's: move it away, then ${repair}`
  return `${path} and ${more.length} more, listed above, are not the torrent's: move them away, then ${repair}`
}

function commandOf({ truncate, recheck }: Remedy): string {
  if (recheck) return truncate ? '`torrent get --recheck --truncate`' : '`torrent get --recheck`'
  return truncate ? '`torrent get --truncate`' : '`torrent get`'
}
