import type { DhtLimits } from './limits.js'

/** How long answers are waited for, by the round trips so far: as the retransmission timer of TCP (RFC 6298). */
export class RoundTrips {
  readonly #limits: DhtLimits
  #mean = 0
  #deviation = 0
  #isMeasured = false

  constructor(limits: DhtLimits) {
    this.#limits = limits
  }

  add(ms: number): void {
    if (!this.#isMeasured) {
      this.#isMeasured = true
      this.#mean = ms
      this.#deviation = ms / 2
      return
    }
    this.#deviation += (Math.abs(ms - this.#mean) - this.#deviation) / 4
    this.#mean += (ms - this.#mean) / 8
  }

  /** Milliseconds after which an answer is late: another node is asked meanwhile. */
  get slowMs(): number {
    const { firstSlowMs, leastSlowMs, mostSlowMs } = this.#limits
    if (!this.#isMeasured) return firstSlowMs
    return Math.min(Math.max(this.#mean + 4 * this.#deviation, leastSlowMs), mostSlowMs)
  }

  /** Milliseconds after which no answer is waited for any more. */
  get lostMs(): number {
    const { lostFactor, leastLostMs, mostLostMs } = this.#limits
    return Math.min(Math.max(lostFactor * this.slowMs, leastLostMs), mostLostMs)
  }
}
