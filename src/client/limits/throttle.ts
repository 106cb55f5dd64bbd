import { TokenBucket } from '../../base/token-bucket.js'
import { type Flow, type FlowLane, MIN_TURN } from './flow.js'

/** A turn lasts so long, as far as its bytes are neither too few for a call to the system nor more than is read at once. */
const TURN_SECONDS = 0.025
const MAX_TURN = 256 * 1_024

/** What a throttle needs of its surroundings. */
export interface ThrottleHost {
  now(): number
  /** Someone can go on: `serve` is to be called at the end of this turn of the event loop. */
  serveSoon(): void
  /** Someone waits for bytes: `serve` is to be called with the next tick. */
  serveWithTick(): void
}

/**
 * One direction of a session's traffic. Torrents take turns, and in each of them its connections: deficit round robin (Shreedhar
 * and Varghese 1995), so that all get the same number of bytes, whatever the size of their parts, and what one does not
 * need the others have.
 */
export class Throttle {
  readonly bucket = new TokenBucket()
  readonly #host: ThrottleHost
  /** Torrents with flows that wait; the next in turn first. */
  readonly #waiting = new Set<Lane>()
  /** Flows for which bytes are put aside, and since when; the oldest first. */
  readonly #granted = new Map<Flow, number>()

  constructor(host: ThrottleHost) {
    this.#host = host
  }

  setRate(bytesPerSecond: number): void {
    this.bucket.setRate(bytesPerSecond, this.#host.now())
    if (this.#waiting.size > 0) this.#host.serveSoon()
  }

  /** Lets go on in turn whoever can. What was put aside before `since` and is not used yet goes back first. */
  serve(since: number): void {
    for (const [flow, at] of this.#granted) {
      if (at >= since) break
      flow.reclaim()
    }
    const now = this.#host.now()
    const turn = turnOf(this.bucket.bytesPerSecond)
    const parked: Lane[] = []
    for (const lane of this.#waiting) {
      if (!this.bucket.hasSome(now)) break
      this.#waiting.delete(lane)
      if (!lane.bucket.hasSome(now)) {
        parked.push(lane)
        continue
      }
      lane.serve(turn, now)
      // Behind the others, where this loop comes to it again.
      if (lane.hasWaiting) this.#waiting.add(lane)
    }
    for (const lane of parked) this.#waiting.add(lane)
    if (this.#waiting.size > 0 || this.#granted.size > 0) this.#host.serveWithTick()
  }

  // For lanes.

  rateChanged(lane: Lane, bytesPerSecond: number): void {
    lane.bucket.setRate(bytesPerSecond, this.#host.now())
    if (lane.hasWaiting) this.#host.serveSoon()
  }

  wait(lane: Lane): void {
    this.#waiting.add(lane)
    if (lane.bucket.hasSome(this.#host.now())) this.#host.serveSoon()
    else this.#host.serveWithTick()
  }

  leave(lane: Lane): void {
    this.#waiting.delete(lane)
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
export class Lane implements FlowLane {
  readonly bucket: TokenBucket
  readonly #throttle: Throttle
  /** The next in turn first. */
  readonly #waiting = new Set<Flow>()
  #credit = 0

  constructor(throttle: Throttle) {
    this.#throttle = throttle
    this.bucket = new TokenBucket(throttle.bucket)
  }

  get isLimited(): boolean {
    return this.bucket.lowestRate !== Number.POSITIVE_INFINITY
  }

  get hasWaiting(): boolean {
    return this.#waiting.size > 0
  }

  get turn(): number {
    return turnOf(this.bucket.lowestRate)
  }

  setRate(bytesPerSecond: number): void {
    this.#throttle.rateChanged(this, bytesPerSecond)
  }

  /** For the throttle: it is this torrent's turn. */
  serve(bytes: number, now: number): void {
    this.#credit += bytes
    const { turn } = this
    for (const flow of this.#waiting) {
      if (this.#credit <= 0 || !this.bucket.hasSome(now)) return
      this.#waiting.delete(flow)
      const taken = flow.takeTurn(turn)
      if (taken === 0) {
        this.#waiting.add(flow)
        continue
      }
      this.#credit -= taken
      this.#throttle.turnBegan(flow, now)
      flow.goOn()
    }
    if (!this.hasWaiting) this.#credit = Math.min(this.#credit, 0)
  }

  // For flows.

  take(bytes: number): void {
    this.bucket.take(bytes)
  }

  wait(flow: Flow): void {
    this.#waiting.add(flow)
    this.#throttle.wait(this)
  }

  leave(flow: Flow): void {
    this.#waiting.delete(flow)
    if (!this.hasWaiting) this.#throttle.leave(this)
  }

  turnEnded(flow: Flow): void {
    this.#throttle.turnEnded(flow)
  }
}

function turnOf(bytesPerSecond: number): number {
  return Math.max(MIN_TURN, Math.min(MAX_TURN, Math.ceil(bytesPerSecond * TURN_SECONDS)))
}
