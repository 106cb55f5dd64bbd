// The columns of a frame and their widths: the same in all lines, so that columns can be read from top to bottom.

import type { ProgressSnapshot } from './progress-view.js'

export const GAP = 2
const MAX_NAME = 40
const MIN_BAR = 8
const MAX_BAR = 30
/** Columns that matter less than this rank are left out before the bar is. */
const RANK_OF_BAR = 2

/** `state`: the word of a torrent that has no bar. `last`: the time that is left, or the ratio. */
type ColumnName = 'state' | 'percent' | 'size' | 'down' | 'up' | 'peers' | 'work' | 'last'

export interface Column {
  readonly name: ColumnName
  /** In a narrow window, columns with the largest rank are left out first. */
  readonly rank: number
  /** Room that is kept for it, so that numbers do not dance. */
  readonly width: number
}

export interface ProgressLayout {
  /** Room for the name. */
  readonly name: number
  /** Room for the bar; 0 where there is none. */
  readonly bar: number
  /** In the order in which they stand. */
  readonly columns: readonly Column[]
}

export interface LaidOutRow {
  /** Columns that the whole name takes. */
  readonly nameWidth: number
  readonly snapshot: ProgressSnapshot
}

const TRANSFERS: readonly Column[] = [
  { name: 'percent', rank: 0, width: 4 },
  { name: 'size', rank: 4, width: 19 },
  { name: 'down', rank: 1, width: 12 },
  { name: 'up', rank: 5, width: 12 },
  { name: 'peers', rank: 3, width: 9 },
  { name: 'last', rank: 2, width: 10 },
]

const SEEDERS: readonly Column[] = [
  { name: 'state', rank: 0, width: 7 },
  { name: 'size', rank: 3, width: 8 },
  { name: 'up', rank: 1, width: 12 },
  { name: 'peers', rank: 2, width: 9 },
  { name: 'last', rank: 4, width: 10 },
]

/** Work on this machine: hashing. */
const WORK: readonly Column[] = [
  { name: 'percent', rank: 0, width: 4 },
  { name: 'size', rank: 4, width: 19 },
  { name: 'work', rank: 1, width: 21 },
  { name: 'last', rank: 2, width: 7 },
]

/**
 * @param width columns of the window that may be used
 * @param label columns that the label of the totals takes, where there are any
 */
export function layoutOf(rows: readonly LaidOutRow[], width: number, label = 1): ProgressLayout {
  const isSeeding = rows.every(({ snapshot }) => snapshot.type === 'seeding')
  const isWork = rows.every(({ snapshot }) => snapshot.type === 'work')
  const wanted = isSeeding ? SEEDERS : isWork ? WORK : TRANSFERS
  const longest = rows.reduce((most, { nameWidth }) => Math.max(most, nameWidth), label)
  const nameWidth = Math.min(MAX_NAME, longest)
  // A quarter of the line at the least, since the name tells one line from another.
  const minimum = Math.min(nameWidth, Math.floor(width / 4))

  let room = width - minimum
  const kept = new Set<Column>()
  for (const column of [...wanted].sort((a, b) => a.rank - b.rank)) {
    const forBar = column.rank > RANK_OF_BAR && !isSeeding ? MIN_BAR + GAP : 0
    if (column.width + GAP + forBar > room) break
    room -= column.width + GAP
    kept.add(column)
  }
  const hasBar = !isSeeding && room >= MIN_BAR + GAP
  // A name that is cut is served first, the bar takes what is left.
  const widening = Math.min(nameWidth - minimum, hasBar ? room - MIN_BAR - GAP : room)
  return {
    name: Math.min(minimum + widening, width),
    bar: hasBar ? Math.min(MAX_BAR, room - GAP - widening) : 0,
    columns: wanted.filter(column => kept.has(column)),
  }
}
