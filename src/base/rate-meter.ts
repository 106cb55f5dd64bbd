/**
 * Bytes per second over about the last `windowMs`, in buckets of one second. Time comes in with each call, in
 * milliseconds, and never runs backwards.
 */
export class RateMeter {
  readonly #buckets: Float64Array
  #second = 0
  #started = -1
  #total = 0

  constructor(windowMs = 5_000) {
    this.#buckets = new Float64Array(Math.max(2, Math.ceil(windowMs / 1_000)))
  }

  /** All bytes ever counted. */
  get total(): number {
    return this.#total
  }

  add(bytes: number, now: number): void {
    this.#advance(now)
    const bucket = this.#second % this.#buckets.length
    this.#buckets[bucket] = (this.#buckets[bucket] ?? 0) + bytes
    this.#total += bytes
  }

  bytesPerSecond(now: number): number {
    this.#advance(now)
    if (this.#started < 0) return 0
    let sum = 0
    for (const bytes of this.#buckets) sum += bytes
    const span = Math.min(now - this.#started, (this.#buckets.length - 1) * 1_000 + (now % 1_000))
    return sum === 0 ? 0 : (sum * 1_000) / Math.max(span, 250)
  }

  #advance(now: number): void {
    const second = Math.floor(now / 1_000)
    if (this.#started < 0) {
      this.#started = now
      this.#second = second
    }
    const steps = Math.min(second - this.#second, this.#buckets.length)
    for (let step = 1; step <= steps; step++)
      this.#buckets[(second - steps + step) % this.#buckets.length] = 0
    this.#second = Math.max(this.#second, second)
  }
}
