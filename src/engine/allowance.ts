/**
 * What a peer may make us do that costs us more than it costs the peer: so many times at once, and once more each `everyMs`. Time
 * comes in with each call, in milliseconds, and never runs backwards.
 */
export class Allowance {
  readonly #burst: number
  readonly #everyMs: number
  /** When all of it will be there again. */
  #fullAt = Number.NEGATIVE_INFINITY

  constructor(burst: number, everyMs: number) {
    this.#burst = burst
    this.#everyMs = everyMs
  }

  /** Uses one up; false where none is left. */
  take(now: number): boolean {
    const fullAt = Math.max(this.#fullAt, now) + this.#everyMs
    if (fullAt - now > this.#burst * this.#everyMs) return false
    this.#fullAt = fullAt
    return true
  }
}
