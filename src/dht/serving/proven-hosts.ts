import type { DhtLimits } from '../limits.js'

/**
 * Hosts that have shown that they receive what is sent to them: they answered a query, or returned a token. To others no answer is
 * much larger than their query, since the address of a query may be forged. Two generations, of which the older is dropped
 * whole.
 */
export class ProvenHosts {
  readonly #limits: DhtLimits
  #young = new Set<string>()
  #old = new Set<string>()
  #youngSince = Number.NEGATIVE_INFINITY

  constructor(limits: DhtLimits) {
    this.#limits = limits
  }

  has(host: string, now: number): boolean {
    this.#age(now)
    return this.#young.has(host) || this.#old.has(host)
  }

  add(host: string, now: number): void {
    this.#age(now)
    this.#young.add(host)
    if (this.#young.size >= this.#limits.provenHosts) this.#turn(now)
  }

  #age(now: number): void {
    const age = now - this.#youngSince
    if (age < this.#limits.provenMs) return
    this.#turn(now)
    if (age >= 2 * this.#limits.provenMs) this.#old.clear()
  }

  #turn(now: number): void {
    this.#old = this.#young
    this.#young = new Set()
    this.#youngSince = now
  }
}
