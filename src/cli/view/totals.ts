import type { MeasuredSnapshot } from './measured-row.js'

/** Several rows together. Sizes are bytes, rates bytes per second. */
export interface Totals {
  readonly count: number
  /** Rows that do not fit into the window. */
  readonly hidden: number
  /** True if a download is unfinished; then sizes are those of the unfinished ones. */
  readonly isUnfinished: boolean
  readonly done: number
  readonly total: number
  readonly down: number
  readonly up: number
  readonly peers: number
  /** Seconds; undefined where nothing comes. */
  readonly eta: number | undefined
}

export function totalsOf(snapshots: readonly MeasuredSnapshot[], hidden: number): Totals {
  let down = 0
  let up = 0
  let peers = 0
  const unfinished = { done: 0, total: 0, count: 0 }
  const seeding = { total: 0 }
  for (const snapshot of snapshots) {
    if (snapshot.type === 'seeding') seeding.total += snapshot.total
    else if (snapshot.type === 'metadata') {
      unfinished.count++
      peers += snapshot.peers
    } else {
      unfinished.count++
      unfinished.done += snapshot.done
      unfinished.total += snapshot.total
    }
    if (snapshot.type === 'downloading') down += snapshot.down
    if (snapshot.type === 'downloading' || snapshot.type === 'seeding') {
      up += snapshot.up
      peers += snapshot.peers
    }
  }
  const isUnfinished = unfinished.count > 0
  return {
    count: snapshots.length,
    hidden,
    isUnfinished,
    done: unfinished.done,
    total: isUnfinished ? unfinished.total : seeding.total,
    down,
    up,
    peers,
    eta: down > 0 ? (unfinished.total - unfinished.done) / down : undefined,
  }
}
