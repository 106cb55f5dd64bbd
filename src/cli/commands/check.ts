import { resolve } from 'node:path'
import { printable } from '../../base/printable.js'
import type { ContentReport, FileReport } from '../../client/check-content.js'
import { changedNamesInWords } from '../../client/disk/names/changed-names.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { CommandContext } from '../command-context.js'
import { CliError } from '../errors/cli-error.js'
import { openProgress } from '../output/progress.js'
import type { Begin, Command } from '../program.js'
import { loadTorrent } from '../torrents/load-torrent.js'
import { sourceName } from '../torrents/source-error.js'
import type { Rooms } from '../values/ports.js'
import { formatBytes } from '../values/units.js'
import type { Paint } from '../view/palette.js'
import { counted } from '../view/text.js'

type CheckRooms = Pick<Rooms, 'parseMetainfo' | 'checkContent'>

const STATES = {
  ok: 'ok',
  damaged: 'damaged',
  missing: 'missing',
  'too-short': 'too short',
  'too-long': 'too long',
} as const

export function defineCheck(command: Command, begin: Begin, rooms: CheckRooms): void {
  command
    .description('Verifies the data on disk against a torrent, and names the files that are wrong.')
    .argument('<torrent>', '.torrent file, `-`, or http(s) address')
    .option('-d, --dir <folder>', 'where the content lies', '.')
    .addHelpText('after', '\nExample:\n  torrent check ubuntu.iso.torrent -d ~/Downloads')
    .action(async (source, { dir }) => await check(source, resolve(dir), await begin(), rooms))
}

async function check(source: string, dir: string, context: CommandContext, rooms: CheckRooms): Promise<void> {
  const { output } = context
  using stop = context.stopOnSignals()
  const metainfo = await load(source, context, rooms, stop.signal)
  const report = await verify(metainfo, dir, context, rooms, stop.signal)
  const renamed = changedNamesInWords(report.changedNames)
  if (renamed !== undefined) {
    output.event({ type: 'warning', code: 'name-changed', message: renamed })
    output.warning(`${metainfo.name}: ${renamed}`)
  }
  const wrong = report.files.filter(file => file.state !== 'ok')
  output.event({
    type: 'checked',
    ok: wrong.length === 0,
    pieceCount: report.pieceCount,
    badPieces: report.badPieces,
    files: output.isJson ? report.files.map(({ path, state }) => ({ path, state })) : [],
  })
  if (wrong.length > 0) {
    const failure = failureOf(metainfo, dir, report, wrong)
    // Where all of it is missing, one line says so better than a line for each file.
    if (failure.code !== 'missing') {
      for (const file of wrong) output.result(fileLine(file, output.paint))
    }
    throw failure
  }
  const what = `${counted(report.files.length, 'file')}, ${counted(report.pieceCount, 'piece')}`
  output.result(
    `${output.paint('green', 'ok')}  ${printable(metainfo.name)}: ${what}, ${formatBytes(metainfo.size)}`,
  )
}

async function load(
  source: string,
  { output }: CommandContext,
  rooms: CheckRooms,
  signal: AbortSignal,
): Promise<Metainfo> {
  try {
    return await loadTorrent(source, rooms, { signal, note: text => output.note(text) })
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
  rooms: CheckRooms,
  signal: AbortSignal,
): Promise<ContentReport> {
  let done = 0
  const row = { name: metainfo.name, snapshot: () => ({ activity: 'checking', done, total: metainfo.size }) }
  using view = await openProgress(output)
  view.add(row)
  try {
    return await rooms.checkContent(metainfo, dir, {
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

function fileLine({ path, state, badPieces }: FileReport, paint: Paint): string {
  const remark = state === 'damaged' ? `  (${counted(badPieces, 'piece')})` : ''
  return `${paint('red', STATES[state].padEnd(9))}  ${printable(path)}${remark}`
}

function failureOf(
  { name }: Metainfo,
  dir: string,
  { files, badPieces, pieceCount }: ContentReport,
  wrong: readonly FileReport[],
): CliError {
  if (wrong.every(file => file.state === 'missing') && wrong.length === files.length) {
    return new CliError('missing', `${name}: nothing of it is in ${dir}`, { subject: dir })
  }
  const what = `${wrong.length} of ${counted(files.length, 'file')}, ${badPieces} of ${counted(pieceCount, 'piece')}`
  return new CliError('damaged', `${name}: ${what} are wrong in ${dir}`, { subject: dir })
}
