/** The time that a request may take. */
export interface Patience {
  /** For the whole, name lookup and redirects included, in milliseconds. */
  readonly wholeMs: number
  /** For the longest silence of the other side, in milliseconds. */
  readonly silenceMs: number
  /** A body that comes more slowly than this on average is given up, `graceMs` after the beginning or later. */
  readonly leastRate?: { readonly bytesPerSecond: number; readonly graceMs: number } | undefined
}

/**
 * Ends a request that takes too long. Silence alone is not enough to go by: a server that sends a byte now and then
 * would hold us for ever.
 */
export class Deadline implements Disposable {
  readonly #patience: Patience
  readonly #onExpiry: (reason: string) => void
  readonly #startedAt = performance.now()
  #heardAt = this.#startedAt
  #received = 0
  #hasHeard = false
  #timer: NodeJS.Timeout

  /** `onExpiry` is called at most once, with the reason for people. */
  constructor(patience: Patience, onExpiry: (reason: string) => void) {
    this.#patience = patience
    this.#onExpiry = onExpiry
    this.#timer = this.#schedule()
  }

  /** The other side sent a header (0) or this many bytes of a body. */
  heard(bytes: number): void {
    this.#received += bytes
    this.#heardAt = performance.now()
    if (this.#hasHeard || bytes === 0) return
    this.#hasHeard = true
    // From now on the rate counts as well.
    clearTimeout(this.#timer)
    this.#timer = this.#schedule()
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
  }

  #schedule(): NodeJS.Timeout {
    const at = Math.min(this.#silentAt, this.#wholeAt, this.#tooSlowAt)
    return setTimeout(() => this.#look(), Math.max(1, Math.ceil(at - performance.now())))
  }

  #look(): void {
    const reason = this.#reasonAt(performance.now())
    if (reason === undefined) this.#timer = this.#schedule()
    else this.#onExpiry(reason)
  }

  #reasonAt(now: number): string | undefined {
    const { wholeMs, silenceMs } = this.#patience
    if (now >= this.#wholeAt) {
      return this.#hasHeard ? `its answer was not whole after ${seconds(wholeMs)}` : noAnswer(wholeMs)
    }
    if (now >= this.#silentAt) {
      return this.#hasHeard ? `nothing more came from it for ${seconds(silenceMs)}` : noAnswer(silenceMs)
    }
    if (now < this.#tooSlowAt) return undefined
    return `it sends too slowly: ${this.#received} bytes in ${seconds(Math.round(now - this.#startedAt))}`
  }

  get #wholeAt(): number {
    return this.#startedAt + this.#patience.wholeMs
  }

  get #silentAt(): number {
    return this.#heardAt + this.#patience.silenceMs
  }

  get #tooSlowAt(): number {
    const { leastRate } = this.#patience
    if (leastRate === undefined || !this.#hasHeard) return Number.POSITIVE_INFINITY
    return this.#startedAt + leastRate.graceMs + (this.#received / leastRate.bytesPerSecond) * 1000
  }
}

function noAnswer(ms: number): string {
  return `no answer within ${seconds(ms)}`
}

function seconds(ms: number): string {
  return `${ms < 10_000 ? ms / 1000 : Math.round(ms / 1000)} s`
}
