import { unreachable } from '../../base/errors.js'
import { printable } from '../../base/printable.js'
import { formatBytes, formatCount, formatEta, formatRate } from '../values/units.js'
import type { MeasuredSnapshot } from './measured-row.js'
import type { Paint } from './palette.js'
import { type Column, GAP, type ProgressLayout } from './progress-layout.js'
import { counted, cutTo, fitTo, widthOf } from './text.js'
import type { Totals } from './totals.js'

/** Draws a bar of `columns` columns, filled up to `part` (0 to 1). */
export type DrawBar = (columns: number, part: number) => string

/** Columns of the word where nothing is transferred, and those that it may stand across. */
const ACROSS = ['down', 'up', 'peers'] as const

/** One row for a terminal: name, bar and figures, each in its column. */
export function progressLine(
  name: string,
  snapshot: MeasuredSnapshot,
  layout: ProgressLayout,
  paint: Paint,
  drawBar: DrawBar,
): string {
  const cells = [fitTo(printable(name), layout.name)]
  const isSeeding = snapshot.type === 'seeding'
  if (layout.bar > 0)
    cells.push(
      isSeeding
        ? paint('green', fitTo(snapshot.activity, layout.bar))
        : drawBar(layout.bar, partOf(snapshot)),
    )
  const isAcross = snapshot.type === 'work' || snapshot.type === 'waiting' || snapshot.type === 'metadata'
  const across = isAcross ? acrossIn(layout) : []
  for (const column of layout.columns) {
    if (across.includes(column)) {
      if (column !== across[0]) continue
      const width = across.reduce((sum, { width }) => sum + width + GAP, -GAP)
      cells.push(paint('dim', fitTo(wordsOf(snapshot), width)))
    } else cells.push(figureOf(snapshot, column, layout.bar > 0, paint))
  }
  return cells.join(' '.repeat(GAP)).trimEnd()
}

/** The line below several rows: all of them together, whether they are shown or not. */
export function totalsLine(totals: Totals, layout: ProgressLayout, paint: Paint): string {
  const { done, total, down, up, peers, eta } = totals
  const width = layout.name + (layout.bar > 0 ? layout.bar + GAP : 0)
  const cells = [fitTo(totalsLabel(totals), width)]
  for (const column of layout.columns) {
    const text: Readonly<Record<Column['name'], string>> = {
      state: '',
      percent: totals.isUnfinished ? percentOf(totals) : '',
      size: totals.isUnfinished ? `${formatBytes(done)} / ${formatBytes(total)}` : formatBytes(total),
      down: `↓ ${formatRate(down)}`,
      up: `↑ ${formatRate(up)}`,
      peers: counted(peers, 'peer'),
      work: '',
      last: totals.isUnfinished ? formatEta(eta) : '',
    }
    cells.push(fitLeft(text[column.name], column.width))
  }
  return paint('dim', cells.join(' '.repeat(GAP)).trimEnd())
}

/** `3 torrents`, or `5 of 20 torrents` where the others are not shown. */
export function totalsLabel({ count, hidden }: Totals): string {
  const all = counted(count, 'torrent')
  return hidden > 0 ? `${formatCount(count - hidden)} of ${all}` : all
}

/** One row where nothing can be drawn: `ubuntu.iso: downloading 45%, 2.1 GiB of 4.7 GiB, …`. */
export function plainLine(name: string, snapshot: MeasuredSnapshot): string {
  return `${printable(name)}: ${plainFigures(snapshot).join(', ')}`
}

/** Whole percents, rounded down: 100% is said only when it is true. */
export function percentOf({ done, total }: { readonly done: number; readonly total: number }): string {
  return `${total <= 0 ? 100 : Math.floor((Math.min(done, total) / total) * 100)}%`
}

function plainFigures(snapshot: MeasuredSnapshot): string[] {
  const { activity, done, total } = snapshot
  if (snapshot.type === 'metadata') {
    const size = total === 0 ? [] : [`${formatBytes(done)} of ${formatBytes(total)}`]
    return [activity, ...size, counted(snapshot.peers, 'peer')]
  }
  const progress = [`${activity} ${percentOf(snapshot)}`, `${formatBytes(done)} of ${formatBytes(total)}`]
  switch (snapshot.type) {
    case 'waiting':
      return progress
    case 'work':
      if (snapshot.rate === undefined) return progress
      return [...progress, formatRate(snapshot.rate), `${formatEta(snapshot.eta)} left`]
    case 'downloading': {
      const { down, up, peers, eta } = snapshot
      const left = eta === undefined ? [] : [`${formatEta(eta)} left`]
      return [
        ...progress,
        `down ${formatRate(down)}`,
        `up ${formatRate(up)}`,
        counted(peers, 'peer'),
        ...left,
      ]
    }
    case 'seeding':
      return [
        activity,
        `up ${formatRate(snapshot.up)}`,
        counted(snapshot.peers, 'peer'),
        `ratio ${snapshot.ratio.toFixed(2)}`,
      ]
    default:
      return unreachable(snapshot)
  }
}

function figureOf(
  snapshot: MeasuredSnapshot,
  { name, width }: Column,
  hasBar: boolean,
  paint: Paint,
): string {
  const isSeeding = snapshot.type === 'seeding'
  const moves = isSeeding || snapshot.type === 'downloading' ? snapshot : undefined
  switch (name) {
    case 'state':
      return paint('green', fitTo(snapshot.activity, width))
    case 'percent':
      return fitLeft(
        isSeeding ? (hasBar ? '' : 'seed') : isSizeKnown(snapshot) ? percentOf(snapshot) : '',
        width,
      )
    case 'size': {
      if (!isSizeKnown(snapshot)) return fitLeft('', width)
      const total = formatBytes(snapshot.total)
      return fitLeft(isSeeding ? total : `${formatBytes(snapshot.done)} / ${total}`, width)
    }
    case 'down':
      return paint(
        'green',
        fitLeft(snapshot.type === 'downloading' ? `↓ ${formatRate(snapshot.down)}` : '', width),
      )
    case 'up':
      return paint('blue', fitLeft(moves === undefined ? '' : `↑ ${formatRate(moves.up)}`, width))
    case 'peers':
      return fitLeft(moves === undefined ? '' : counted(moves.peers, 'peer'), width)
    case 'work':
      return paint('dim', fitTo(wordsOf(snapshot), width))
    case 'last':
      return fitLeft(lastOf(snapshot), width)
    default:
      return unreachable(name)
  }
}

function lastOf(snapshot: MeasuredSnapshot): string {
  switch (snapshot.type) {
    case 'seeding':
      return `ratio ${snapshot.ratio.toFixed(2)}`
    case 'downloading':
      return formatEta(snapshot.eta)
    case 'work':
      return snapshot.rate === undefined ? '' : formatEta(snapshot.eta)
    case 'waiting':
    case 'metadata':
      return ''
    default:
      return unreachable(snapshot)
  }
}

function wordsOf(snapshot: MeasuredSnapshot): string {
  if (snapshot.type === 'metadata') return `${snapshot.activity}, ${counted(snapshot.peers, 'peer')}`
  const hasRate = snapshot.type === 'work' && snapshot.rate !== undefined
  return hasRate ? `${snapshot.activity} ${formatRate(snapshot.rate ?? 0)}` : snapshot.activity
}

/** The columns that nothing stands in where nothing is transferred. */
function acrossIn({ columns }: ProgressLayout): readonly Column[] {
  return columns.filter(({ name }) => ACROSS.some(each => each === name))
}

function isSizeKnown({ type, total }: MeasuredSnapshot): boolean {
  return type !== 'metadata' || total > 0
}

function partOf(snapshot: MeasuredSnapshot): number {
  const { done, total } = snapshot
  if (!isSizeKnown(snapshot)) return 0
  return total <= 0 ? 1 : Math.min(1, done / total)
}

/** Figures stand at the right of their columns. */
function fitLeft(text: string, columns: number): string {
  const cut = cutTo(text, columns)
  return ' '.repeat(columns - widthOf(cut)) + cut
}
