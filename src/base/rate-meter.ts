/**
 * Bytes per second over about the last `windowMs`, in buckets of one second. Time comes in with each call, in
 * milliseconds, and never runs backwards.
 */
export class RateMeter {
  readonly #buckets: number[]
  #second = 0
  #started = -1
  #total = 0
  /** Of all buckets. */
  #recent = 0

  constructor(windowMs = 5_000) {
    // A typed array of this size takes four times the memory, and each peer has two meters.
    this.#buckets = new Array<number>(Math.max(2, Math.ceil(windowMs / 1_000))).fill(0)
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
    this.#recent += bytes
  }

  bytesPerSecond(now: number): number {
    // Most of a swarm's peers send nothing at a time.
    if (this.#recent === 0 && this.#started >= 0) return 0
    this.#advance(now)
    if (this.#recent === 0) return 0
    const span = Math.min(now - this.#started, (this.#buckets.length - 1) * 1_000 + (now % 1_000))
    return (this.#recent * 1_000) / Math.max(span, 250)
  }

  #advance(now: number): void {
    const second = Math.floor(now / 1_000)
    if (this.#started < 0) {
      this.#started = now
      this.#second = second
    }
    const steps = Math.min(second - this.#second, this.#buckets.length)
    for (let step = 1; step <= steps; step++) {
      const bucket = (second - steps + step) % this.#buckets.length
      this.#recent -= this.#buckets[bucket] ?? 0
      this.#buckets[bucket] = 0
    }
    this.#second = Math.max(this.#second, second)
  }
}
