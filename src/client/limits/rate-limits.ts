import { Flow } from './flow.js'
import { Lane, Throttle } from './throttle.js'

/** Bytes per second; 0 and undefined: no limit. */
export interface Rates {
  readonly down?: number | undefined
  readonly up?: number | undefined
}

const TICK_MS = 25

/** The rate limits of a session, with one timer for all connections that wait. */
export class RateLimits implements Disposable {
  readonly down: Throttle
  readonly up: Throttle
  readonly #now: () => number
  #immediate: NodeJS.Immediate | undefined
  #tick: NodeJS.Timeout | undefined
  #isClosed = false

  constructor(now: () => number, rates: Rates) {
    const host = { now, serveSoon: () => this.#serveSoon(), serveWithTick: () => this.#serveWithTick() }
    this.down = new Throttle(host)
    this.up = new Throttle(host)
    this.#now = now
    this.set(rates)
  }

  /** New rates, from now on. */
  set(rates: Rates): void {
    this.down.setRate(limitOf(rates.down))
    this.up.setRate(limitOf(rates.up))
  }

  [Symbol.dispose](): void {
    this.#isClosed = true
    clearImmediate(this.#immediate)
    clearTimeout(this.#tick)
  }

  #serveSoon(): void {
    if (this.#isClosed) return
    this.#immediate ??= setImmediate(() => {
      this.#immediate = undefined
      this.#serve()
    })
  }

  #serveWithTick(): void {
    if (this.#isClosed) return
    this.#tick ??= setTimeout(() => {
      this.#tick = undefined
      this.#serve()
    }, TICK_MS)
  }

  #serve(): void {
    const since = this.#now() - TICK_MS
    this.down.serve(since)
    this.up.serve(since)
  }
}

/** The part of one torrent in the rates of its session. */
export class TorrentLimits {
  readonly down: Lane
  readonly up: Lane

  constructor(session: RateLimits, rates: Rates) {
    this.down = new Lane(session.down)
    this.up = new Lane(session.up)
    this.set(rates)
  }

  /** New rates, from now on. */
  set(rates: Rates): void {
    this.down.setRate(limitOf(rates.down))
    this.up.setRate(limitOf(rates.up))
  }

  /** Both directions of a connection; `goOn` is called when it is its turn in one of them. */
  openFlows(goOn: { down(): void; up(): void }): Flows {
    return new Flows(new Flow(this.down, goOn.down), new Flow(this.up, goOn.up))
  }
}

/** The two flows of a connection. */
export class Flows {
  readonly down: Flow
  readonly up: Flow

  constructor(down: Flow, up: Flow) {
    this.down = down
    this.up = up
  }

  close(): void {
    this.down.close()
    this.up.close()
  }
}

function limitOf(bytesPerSecond: number | undefined): number {
  return bytesPerSecond === undefined || bytesPerSecond === 0 ? Number.POSITIVE_INFINITY : bytesPerSecond
}
