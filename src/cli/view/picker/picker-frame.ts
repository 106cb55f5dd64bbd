import { formatBytes, formatCount } from '../../values/units.js'
import type { Paint } from '../palette.js'
import { cutTo, fitTo } from '../text.js'
import type { Mark, PickerState } from './picker-state.js'

/** Lines besides those of the files: the head, the filter, and the keys. */
const OTHER_LINES = 3

/** Of the names, in columns: sizes further to the right are hard to follow. */
const MAX_NAME_COLUMNS = 90
const SIZE_COLUMNS = 10

const MARKS: Record<Mark, string> = { all: '[x]', some: '[-]', none: '[ ]' }

const KEYS = '↑↓ move  ←→ fold  space select  a all  type to filter  enter download  esc cancel'

/** The rows of files that a window has place for: at least one. */
export function listHeight(rows: number): number {
  // The last line of a window stays free, so that nothing scrolls.
  return Math.max(1, rows - 1 - OTHER_LINES)
}

/** The lines of the picker, each narrower than the window, and never more than fit in it. */
export function pickerFrame(
  state: PickerState,
  { rows, columns }: { readonly rows: number; readonly columns: number },
  paint: Paint,
): string[] {
  const height = listHeight(rows)
  state.scrollTo(height)
  const width = columns - 1
  const lines = [headOf(state, width, paint)]
  if (rows > 2) lines.push(filterOf(state, rows, width, paint))
  const shown = state.visible.slice(state.top, state.top + height)
  for (const [index, row] of shown.entries())
    lines.push(lineOf(state, row, state.top + index === state.cursor, width, paint))
  const refusal = 'nothing is selected: space selects, esc cancels'
  if (rows > 3)
    lines.push(state.isRefused ? paint('yellow', cutTo(refusal, width)) : paint('dim', cutTo(KEYS, width)))
  return lines.slice(0, Math.max(1, rows - 1))
}

function headOf(state: PickerState, width: number, paint: Paint): string {
  const files = `${formatCount(state.selectedCount)} of ${formatCount(state.fileCount)} selected`
  const total = state.rows[0]?.length ?? 0
  const sum = `${files}, ${formatBytes(state.selectedBytes)} of ${formatBytes(total)}`
  return paint('bold', cutTo(sum, width))
}

function filterOf(state: PickerState, rows: number, width: number, paint: Paint): string {
  const { filter, visible, top } = state
  const height = listHeight(rows)
  if (filter !== '') return cutTo(`filter: ${filter}▏ ${formatCount(state.matchCount)} found`, width)
  if (visible.length <= height) return ''
  const last = Math.min(top + height, visible.length)
  const part = `${formatCount(top + 1)} to ${formatCount(last)} of ${formatCount(visible.length)}`
  return paint('dim', cutTo(part, width))
}

function lineOf(state: PickerState, row: number, isCursor: boolean, width: number, paint: Paint): string {
  const { depth = 0, name = '', length = 0, entryIndex } = state.rows[row] ?? {}
  const isFolder = entryIndex === undefined
  const fold = isFolder ? (state.isClosed(row) ? '▸ ' : '▾ ') : '  '
  const head = `${isCursor ? '❯' : ' '} ${MARKS[state.markOf(row)]} `
  const columns = Math.max(1, Math.min(MAX_NAME_COLUMNS, width - SIZE_COLUMNS - head.length - 1))
  const text = fitTo(`${'  '.repeat(depth)}${fold}${name}`, columns)
  const size = formatBytes(length).padStart(SIZE_COLUMNS)
  if (width < head.length + 2 + SIZE_COLUMNS) return cutTo(`${head}${text}`, width)
  const shown = isFolder ? paint('bold', text) : text
  return `${isCursor ? paint('cyan', head) : head}${shown} ${paint('dim', size)}`
}
