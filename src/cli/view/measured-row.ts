import { Pace } from './pace.js'
import type { ProgressRow, ProgressSnapshot } from './progress-view.js'

type Work = Extract<ProgressSnapshot, { type: 'work' }>

/** A snapshot with what only several of them together tell. */
export type MeasuredSnapshot =
  | Exclude<ProgressSnapshot, Work>
  | (Work & {
      /** Bytes per second; undefined until it is known. */
      readonly rate: number | undefined
      /** Seconds that are left. */
      readonly eta: number | undefined
    })

/** A row of a view, which measures how fast work on this machine goes. */
export class MeasuredRow {
  readonly row: ProgressRow
  readonly #pace = new Pace()

  constructor(row: ProgressRow) {
    this.row = row
  }

  /** @param now milliseconds of any clock */
  snapshot(now: number): MeasuredSnapshot {
    const snapshot = this.row.snapshot()
    if (snapshot.type !== 'work') return snapshot
    const { done, total } = snapshot
    this.#pace.note(now, done)
    const rate = this.#pace.rate(now, done)
    const eta = rate === undefined || rate === 0 ? undefined : Math.max(0, total - done) / rate
    return { ...snapshot, rate, eta }
  }
}
