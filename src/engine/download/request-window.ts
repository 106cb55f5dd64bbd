// BEP 10: `reqq`, the requests that a peer keeps waiting.

import { BLOCK_LENGTH } from '../../protocol/metainfo/metainfo.js'

export const MIN_WINDOW = 2

/** 64 MB: half a second of 128 MB/s, which a long line needs; a shorter line needs less, and gets less. */
export const MAX_WINDOW = 4_000

/** Blocks that a peer may be asked for at a time whatever its line needs, and where it does not state its `reqq`. */
export const COMMON_WINDOW = 500

/** Seconds of data that are kept asked for: enough for a long round trip and a peer that reads its disk. */
const WINDOW_SECONDS = 3

/** Beyond `COMMON_WINDOW`, round trips of data that are kept asked for. */
const WINDOW_ROUND_TRIPS = 4

/**
 * In slow start, a peer whose blocks came one behind the other at this rate, and all of a window within that time, is asked for four
 * times as much a round trip later: for two seconds of its data at the most. Others are asked for twice as much.
 */
const FAST_BYTES_PER_SECOND = 2 ** 20
const FAST_MS = 500
const FAST_GROWTH = 3
const GROWTH = 1

/** The requests that were open at some time: how long it takes until the last of them is answered. */
interface Trip {
  readonly startedAt: number
  readonly requests: number
  left: number
  /** When the first block came; undefined until then. */
  firstAt: number | undefined
}

/**
 * How many blocks are asked of a peer at a time: about three seconds of its rate. A peer whose rate still grows is in slow start:
 * with every block that comes the window grows, so that a fast peer is not held back by its first second.
 *
 * More than 500 blocks are asked for only where a long and fast line needs them, by the time that blocks take to come: as long as it is
 * about the shortest that was seen, the line is not full. A window that holds more than four round trips of such a line is made
 * smaller as soon as its last block has come. Time comes in with each call, in milliseconds.
 */
export class RequestWindow {
  #size = MIN_WINDOW
  /** By what the peer says that it keeps waiting. */
  #stated = COMMON_WINDOW
  /** By what the line needs. */
  #needed = MAX_WINDOW
  #isSlowStart = true
  #lastRate = 0
  #bytesPerSecond: number | undefined
  #isSnubbed = false
  #mayProbe = false
  #trip: Trip | undefined
  #isFast = false
  #shortestTripMs = Number.POSITIVE_INFINITY

  /** Blocks. */
  get size(): number {
    return this.#isSnubbed ? 1 : Math.min(this.#size, this.#stated, this.#needed)
  }

  /** The peer's current rate; undefined while it is unknown. */
  get bytesPerSecond(): number | undefined {
    return this.#bytesPerSecond
  }

  /** Sets the number of requests that the peer queues (`reqq`, BEP 10). */
  limitTo(requests: number): void {
    this.#stated = Math.max(1, Math.min(requests, MAX_WINDOW))
  }

  /** After a pause the way may have changed: it is found out anew. */
  restart(): void {
    this.#isSlowStart = true
    this.#lastRate = 0
    this.#bytesPerSecond = undefined
    this.#needed = MAX_WINDOW
    this.#trip = undefined
    this.#isFast = false
    this.#shortestTripMs = Number.POSITIVE_INFINITY
  }

  /** The peer choked us after it had sent `blocks` blocks. After the next unchoke the window begins with that number. */
  startOver(blocks: number): void {
    this.#size = Math.min(this.#size, Math.max(MIN_WINDOW, blocks))
  }

  /** A snubbed peer gets one request, until a block comes, and one more each time that it is snubbed again, or rejected the last. */
  snub(): void {
    this.#isSnubbed = true
    this.#mayProbe = true
    this.#size = MIN_WINDOW
    this.#trip = undefined
  }

  /** True, once, if another block may be requested from a snubbed peer. */
  takeProbe(): boolean {
    const mayProbe = this.#mayProbe
    this.#mayProbe = false
    return mayProbe
  }

  /** More blocks were asked for: `waiting` are open now, `before` were until then. */
  onAsked(before: number, waiting: number, now: number): void {
    if (this.#trip !== undefined && before > 0) return
    this.#trip =
      waiting > before ? { startedAt: now, requests: waiting, left: waiting, firstAt: undefined } : undefined
  }

  onBlock(now: number): void {
    this.#isSnubbed = false
    const trip = this.#trip
    const tripMs = trip === undefined ? 0 : now - trip.startedAt
    if (this.#isSlowStart && this.#size < this.#stated) {
      const growth = this.#isFast && tripMs <= FAST_MS ? FAST_GROWTH : GROWTH
      this.#size = Math.min(this.#stated, this.size + growth)
    }
    if (trip === undefined) return
    trip.firstAt ??= now
    if (--trip.left > 0) return
    this.#trip = undefined
    this.#onTrip(trip.requests, tripMs, now - trip.firstAt)
  }

  /** Once a second, with the rate of that second. */
  onSecond(bytesPerSecond: number): void {
    if (bytesPerSecond > 0) this.#bytesPerSecond = bytesPerSecond
    if (this.#isSlowStart) {
      // Growth by less than a tenth: the way there is full.
      if (this.#lastRate > 0 && bytesPerSecond < this.#lastRate * 1.1) this.#isSlowStart = false
      this.#lastRate = bytesPerSecond
      if (this.#isSlowStart) return
    }
    const blocks = Math.ceil((bytesPerSecond * WINDOW_SECONDS) / BLOCK_LENGTH)
    this.#size = Math.min(MAX_WINDOW, Math.max(MIN_WINDOW, blocks))
  }

  /** `requests` requests were answered in `ms`, the blocks after the first within `arrivalMs`. */
  #onTrip(requests: number, ms: number, arrivalMs: number): void {
    const bytes = (requests - 1) * BLOCK_LENGTH
    this.#isFast = bytes > 0 && ms <= FAST_MS && bytes * 1_000 >= arrivalMs * FAST_BYTES_PER_SECOND
    this.#shortestTripMs = Math.min(this.#shortestTripMs, ms)
    const isFull = ms > 2 * this.#shortestTripMs
    const onTheWay = (requests * this.#shortestTripMs) / ms
    this.#needed = isFull ? Math.max(COMMON_WINDOW, Math.ceil(WINDOW_ROUND_TRIPS * onTheWay)) : MAX_WINDOW
  }
}
