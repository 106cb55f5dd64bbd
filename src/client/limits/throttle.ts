import { TokenBucket } from '../../base/token-bucket.js'
import { FairQueue, type InTurn } from './fair-queue.js'
import { type Flow, type FlowLane, MIN_TURN } from './flow.js'

/** The length of a turn, as far as its bytes are neither too few for a system call nor more than is read at once. */
const TURN_SECONDS = 0.025
const MAX_TURN = 256 * 1_024

/** The owner of a throttle. */
export interface ThrottleHost {
  now(): number
  /** Someone can go on: `serve` is to be called at the end of this turn of the event loop. */
  serveSoon(): void
  /** Someone waits for bytes: `serve` is to be called with the next tick. */
  serveWithTick(): void
}

/**
 * One direction of a session's traffic. Torrents take turns, and in each of them its connections; what one does not need
 * the others have.
 */
export class Throttle {
  readonly bucket = new TokenBucket()
  readonly #host: ThrottleHost
  readonly #queue = new FairQueue<Lane>()
  /** Flows for which bytes are put aside, and since when; the oldest first. */
  readonly #granted = new Map<Flow, number>()

  constructor(host: ThrottleHost) {
    this.#host = host
  }

  setRate(bytesPerSecond: number): void {
    this.bucket.setRate(bytesPerSecond, this.#host.now())
    if (!this.#queue.isEmpty) this.#host.serveSoon()
  }

  /**
   * Gives each torrent a turn, as far as there are bytes. The next round comes after those served now can have come back. Allowances
   * from before `since` that are not used yet are taken back first.
   */
  serve(since: number): void {
    for (const [flow, at] of this.#granted) {
      if (at >= since) break
      flow.reclaim()
    }
    const now = this.#host.now()
    const turn = turnOf(this.bucket.bytesPerSecond)
    let endOfRound: number | undefined
    for (;;) {
      const lane = this.#queue.first(({ bucket }) => bucket.hasSome(now))
      if (lane === undefined) break
      endOfRound ??= lane.due + turn
      if (lane.due >= endOfRound) {
        this.#host.serveSoon()
        break
      }
      this.#queue.served(lane, lane.serve(turn, now))
      if (lane.hasWaiting) this.#queue.add(lane)
    }
    if (!this.#queue.isEmpty || this.#granted.size > 0) this.#host.serveWithTick()
  }

  // For lanes.

  rateChanged(lane: Lane, bytesPerSecond: number): void {
    lane.bucket.setRate(bytesPerSecond, this.#host.now())
    if (lane.hasWaiting) this.#host.serveSoon()
  }

  wait(lane: Lane): void {
    this.#queue.add(lane)
    if (lane.bucket.hasSome(this.#host.now())) this.#host.serveSoon()
    else this.#host.serveWithTick()
  }

  leave(lane: Lane): void {
    this.#queue.delete(lane)
  }

  turnBegan(flow: Flow, now: number): void {
    this.#granted.delete(flow)
    this.#granted.set(flow, now)
  }

  turnEnded(flow: Flow): void {
    this.#granted.delete(flow)
  }
}

/** The part of one torrent in a throttle. */
export class Lane implements FlowLane, InTurn {
  readonly bucket: TokenBucket
  due = 0
  readonly #throttle: Throttle
  readonly #queue = new FairQueue<Flow>()

  constructor(throttle: Throttle) {
    this.#throttle = throttle
    this.bucket = new TokenBucket(throttle.bucket)
  }

  get isLimited(): boolean {
    return this.bucket.lowestRate !== Number.POSITIVE_INFINITY
  }

  get hasWaiting(): boolean {
    return !this.#queue.isEmpty
  }

  get turn(): number {
    return turnOf(this.bucket.lowestRate)
  }

  setRate(bytesPerSecond: number): void {
    this.#throttle.rateChanged(this, bytesPerSecond)
  }

  /** For the throttle: hands out about `bytes` bytes, and returns the exact number. */
  serve(bytes: number, now: number): number {
    let given = 0
    while (given < bytes && this.bucket.hasSome(now)) {
      const flow = this.#queue.first(() => true)
      if (flow === undefined) break
      const taken = flow.takeTurn()
      this.#queue.served(flow, taken)
      this.#throttle.turnBegan(flow, now)
      given += taken
      flow.goOn()
    }
    return given
  }

  // For flows.

  take(bytes: number): void {
    this.bucket.take(bytes)
  }

  wait(flow: Flow): void {
    this.#queue.add(flow)
    this.#throttle.wait(this)
  }

  leave(flow: Flow): void {
    this.#queue.delete(flow)
    if (!this.hasWaiting) this.#throttle.leave(this)
  }

  turnEnded(flow: Flow): void {
    this.#throttle.turnEnded(flow)
  }
}

function turnOf(bytesPerSecond: number): number {
  return Math.max(MIN_TURN, Math.min(MAX_TURN, Math.ceil(bytesPerSecond * TURN_SECONDS)))
}
