/** Unused bytes are saved up for this long: more than a late tick needs, too little to show in an average over ten seconds. */
const SAVED_MS = 250

/**
 * A token bucket of bytes. If any are left, a caller may take more than there are, and the bucket then stays empty until the
 * difference is made up, so that the rate holds in the long run however large the parts are. A bucket below another takes from
 * both. The time is passed to each call, in milliseconds, and never runs backwards.
 */
export class TokenBucket {
  readonly #parent: TokenBucket | undefined
  #bytesPerSecond = Number.POSITIVE_INFINITY
  #level = 0
  #filledAt = 0

  constructor(parent?: TokenBucket) {
    this.#parent = parent
  }

  /** Infinite where there is no limit. */
  get bytesPerSecond(): number {
    return this.#bytesPerSecond
  }

  /** The lowest of this bucket and of those above it. */
  get lowestRate(): number {
    return Math.min(this.#bytesPerSecond, this.#parent?.lowestRate ?? Number.POSITIVE_INFINITY)
  }

  /** A new rate, from now on: tokens saved or overdrawn at the old one are forgotten. */
  setRate(bytesPerSecond: number, now: number): void {
    this.#bytesPerSecond = bytesPerSecond
    this.#level = 0
    this.#filledAt = now
  }

  /** True if any bytes are left, here and in the buckets above. */
  hasSome(now: number): boolean {
    return this.#hasOwn(now) && (this.#parent?.hasSome(now) ?? true)
  }

  /** Takes bytes, here and above; a negative number gives them back. */
  take(bytes: number): void {
    if (this.#bytesPerSecond !== Number.POSITIVE_INFINITY) this.#level -= bytes
    this.#parent?.take(bytes)
  }

  #hasOwn(now: number): boolean {
    if (this.#bytesPerSecond === Number.POSITIVE_INFINITY) return true
    const filled = this.#level + ((now - this.#filledAt) * this.#bytesPerSecond) / 1_000
    this.#level = Math.min(filled, (SAVED_MS * this.#bytesPerSecond) / 1_000)
    this.#filledAt = now
    return this.#level > 0
  }
}
