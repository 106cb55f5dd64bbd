/**
 * Bounds what a peer may make us do that costs us more than it costs the peer: `burst` times at once, and once more each `everyMs`.
 * The time is given to each call, in milliseconds, and never runs backwards.
 */
export class Allowance {
  readonly #burst: number
  readonly #everyMs: number
  /** When the whole burst will be available again. */
  #fullAt = Number.NEGATIVE_INFINITY

  constructor(burst: number, everyMs: number) {
    this.#burst = burst
    this.#everyMs = everyMs
  }

  /** Uses up one; false where none is left. */
  take(now: number): boolean {
    const fullAt = Math.max(this.#fullAt, now) + this.#everyMs
    if (fullAt - now > this.#burst * this.#everyMs) return false
    this.#fullAt = fullAt
    return true
  }
}
