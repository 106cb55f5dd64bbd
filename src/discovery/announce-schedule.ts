// BEP 3, 31: when to announce to one tracker.

import type { Random } from '../base/random.js'
import type { RetryIn } from '../protocol/tracker/announce-response.js'

/** The intervals that a tracker asks for, in seconds. */
export interface TrackerIntervals {
  readonly interval: number | undefined
  readonly minInterval: number | undefined
}

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** For a tracker that names no interval. */
const DEFAULT_INTERVAL = 30 * MINUTE
/** For a tracker that names no minimum: this is only used while peers are wanting, and then less and less often. */
const DEFAULT_MIN_INTERVAL = MINUTE
// Whatever a tracker says, it is asked neither without a pause nor never again.
const SHORTEST_INTERVAL = 5 * SECOND
const LONGEST_INTERVAL = 24 * HOUR

const FIRST_BACK_OFF = 5 * SECOND
const LONGEST_BACK_OFF = HOUR

type State =
  | { readonly type: 'new' }
  | {
      readonly type: 'answered'
      readonly at: number
      readonly intervalMs: number
      readonly earliestMs: number
    }
  | { readonly type: 'failed'; readonly retryAt: number }

/**
 * When the next announce to one tracker is due. After an answer: at its `interval`, or from `min interval` on while
 * peers are wanting; as long as they are, that wait doubles each time up to the interval, so that a swarm that has no
 * more peers is not asked for them every minute. An event is told at once. After a failure: 5 s, doubled each time up to an hour, half of
 * it by chance, so that the clients of a tracker that comes back do not come all at once. Times are milliseconds.
 */
export class AnnounceSchedule {
  readonly #random: Random
  #state: State = { type: 'new' }
  #failures = 0
  #answersWhileWanting = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** True after a failure until the time for the next try has come: others of its tier may go first. */
  isBlocked(now: number): boolean {
    return this.#state.type === 'failed' && now < this.#state.retryAt
  }

  /** When the next announce is due; `Infinity` where the tracker wants none (BEP 31). */
  dueAt(wants: { peers: boolean; event: boolean }): number {
    const state = this.#state
    switch (state.type) {
      case 'new':
        return 0
      case 'failed':
        return state.retryAt
      case 'answered':
        if (wants.event) return state.at
        return state.at + (wants.peers ? state.earliestMs : state.intervalMs)
    }
  }

  succeeded(now: number, { interval, minInterval }: TrackerIntervals, wantsPeers: boolean): void {
    const minIntervalMs = withinBounds(minInterval, DEFAULT_MIN_INTERVAL)
    const regularMs = withinBounds(interval, DEFAULT_INTERVAL)
    const intervalMs = minInterval === undefined ? regularMs : Math.max(regularMs, minIntervalMs)
    const earliestMs = Math.min(minIntervalMs * 2 ** this.#answersWhileWanting, intervalMs)
    this.#answersWhileWanting = wantsPeers ? this.#answersWhileWanting + 1 : 0
    this.#state = { type: 'answered', at: now, intervalMs, earliestMs }
    this.#failures = 0
  }

  failed(now: number, retryIn: RetryIn | undefined): void {
    this.#failures++
    this.#state = { type: 'failed', retryAt: now + this.#waitAfterFailure(retryIn) }
  }

  /** The tracker is never asked again. */
  gaveUp(): void {
    this.#state = { type: 'failed', retryAt: Number.POSITIVE_INFINITY }
  }

  #waitAfterFailure(retryIn: RetryIn | undefined): number {
    if (retryIn === 'never') return Number.POSITIVE_INFINITY
    if (retryIn !== undefined) return Math.min(retryIn * MINUTE, LONGEST_INTERVAL)
    const longest = Math.min(FIRST_BACK_OFF * 2 ** (this.#failures - 1), LONGEST_BACK_OFF)
    return longest / 2 + this.#random.below(longest / 2 + 1)
  }
}

function withinBounds(seconds: number | undefined, defaultMs: number): number {
  if (seconds === undefined) return defaultMs
  return Math.min(Math.max(seconds * SECOND, SHORTEST_INTERVAL), LONGEST_INTERVAL)
}
