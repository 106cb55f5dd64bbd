import { printable } from '../../base/printable.js'
import { formatBytes, formatEta, formatRate } from '../values/units.js'
import type { Paint } from './palette.js'
import type { ProgressRow, ProgressSnapshot } from './progress-view.js'
import { counted, cutTo, fitTo, widthOf } from './text.js'

const GAP = 2
const MAX_NAME = 40
const MIN_BAR = 8
const MAX_BAR = 30
/** Parts beyond this one are worth less than the bar. */
const RANK_OF_BAR = 2

/** A part of a line; where the window is narrow, those with the largest `rank` are left out first. */
interface Part {
  readonly rank: number
  readonly text: string
  /** Columns that are kept for it, so that numbers do not dance. */
  readonly columns: number
  readonly paint?: (text: string) => string
}

/** Draws so many columns of bar. */
export type DrawBar = (columns: number) => string

/** One row for a terminal, at most `columns` wide: name, bar and as many figures as there is room for. */
export function progressLine(row: ProgressRow, columns: number, paint: Paint, drawBar: DrawBar): string {
  const snapshot = row.snapshot()
  const name = printable(row.name)
  const parts = snapshot.isSeeding ? seedingParts(snapshot, paint) : transferParts(snapshot, paint)
  const nameColumns = Math.min(MAX_NAME, widthOf(name))
  // A quarter of the line at the least, since the name tells one line from another.
  const minimum = Math.min(nameColumns, Math.floor(columns / 4))

  let room = columns - minimum
  const kept = new Set<Part>()
  for (const part of [...parts].sort((a, b) => a.rank - b.rank)) {
    const forBar = part.rank > RANK_OF_BAR && !snapshot.isSeeding ? MIN_BAR + GAP : 0
    if (part.columns + GAP + forBar > room) break
    room -= part.columns + GAP
    kept.add(part)
  }
  const hasBar = !snapshot.isSeeding && room >= MIN_BAR + GAP
  // A name that is cut is served first, the bar takes what is left.
  const widening = Math.min(nameColumns - minimum, hasBar ? room - MIN_BAR - GAP : room)
  const bar = hasBar ? Math.min(MAX_BAR, room - GAP - widening) : 0

  const cells = [fitTo(name, Math.min(minimum + widening, columns))]
  if (bar > 0) cells.push(drawBar(bar))
  for (const part of parts) {
    if (kept.has(part)) cells.push(part.paint?.(fitLeft(part)) ?? fitLeft(part))
  }
  return cells.join(' '.repeat(GAP)).trimEnd()
}

/** One row where nothing can be drawn: `ubuntu.iso: downloading 45%, 2.1 GiB of 4.7 GiB, …`. */
export function plainLine(name: string, snapshot: ProgressSnapshot): string {
  const { activity, done, total, down, up, peers, eta, isSeeding } = snapshot
  const figures = isSeeding
    ? [activity]
    : [`${activity} ${percentOf(snapshot)}`, `${formatBytes(done)} of ${formatBytes(total)}`]
  if (down !== undefined && !isSeeding) figures.push(`down ${formatRate(down)}`)
  if (up !== undefined) figures.push(`up ${formatRate(up)}`)
  if (peers !== undefined) figures.push(counted(peers, 'peer'))
  if (eta !== undefined && !isSeeding) figures.push(`${formatEta(eta)} left`)
  return `${printable(name)}: ${figures.join(', ')}`
}

/** Whole percents, rounded down: 100% is said only when it is true. */
export function percentOf({ done, total }: ProgressSnapshot): string {
  return `${total <= 0 ? 100 : Math.floor((Math.min(done, total) / total) * 100)}%`
}

function transferParts(snapshot: ProgressSnapshot, paint: Paint): Part[] {
  const { activity, done, total, down, up, peers, eta } = snapshot
  const parts: Part[] = [
    { rank: 0, text: percentOf(snapshot), columns: 4 },
    { rank: 4, text: `${formatBytes(done)} / ${formatBytes(total)}`, columns: 19 },
  ]
  if (down === undefined) {
    parts.push({ rank: 1, text: activity, columns: activity.length, paint: text => paint('dim', text) })
    return parts
  }
  parts.push({ rank: 1, text: `↓ ${formatRate(down)}`, columns: 12, paint: text => paint('green', text) })
  parts.push({ rank: 5, text: `↑ ${formatRate(up ?? 0)}`, columns: 12, paint: text => paint('blue', text) })
  parts.push({ rank: 3, text: counted(peers ?? 0, 'peer'), columns: 9 })
  parts.push({ rank: 2, text: formatEta(eta), columns: 7 })
  return parts
}

function seedingParts({ activity, total, up, peers }: ProgressSnapshot, paint: Paint): Part[] {
  return [
    { rank: 0, text: activity, columns: activity.length, paint: text => paint('green', text) },
    { rank: 3, text: formatBytes(total), columns: 8 },
    { rank: 1, text: `↑ ${formatRate(up ?? 0)}`, columns: 12, paint: text => paint('blue', text) },
    { rank: 2, text: counted(peers ?? 0, 'peer'), columns: 9 },
  ]
}

/** Figures stand at the right of their columns. */
function fitLeft({ text, columns }: Part): string {
  const cut = cutTo(text, columns)
  return ' '.repeat(columns - widthOf(cut)) + cut
}
