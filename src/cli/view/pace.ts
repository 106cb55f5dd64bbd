const WINDOW_MS = 5_000
const SAMPLE_MS = 250
/** Before that, a rate says nothing yet. */
const SHORTEST_MS = 500

/** The speed of local work, from its progress at different times. Times are milliseconds of any clock. */
export class Pace {
  readonly #samples: { readonly at: number; readonly done: number }[] = []

  /** Notes what is done; more often than four times a second it costs nothing. */
  note(now: number, done: number): void {
    const last = this.#samples.at(-1)
    // Another part of the work has begun.
    if (last !== undefined && done < last.done) this.#samples.length = 0
    else if (last !== undefined && now - last.at < SAMPLE_MS) return
    this.#samples.push({ at: now, done })
    while ((this.#samples[1]?.at ?? now) <= now - WINDOW_MS) this.#samples.shift()
  }

  /** Bytes per second over the last 5 s; undefined in the first half second. */
  rate(now: number, done: number): number | undefined {
    const [first] = this.#samples
    if (first === undefined || now - first.at < SHORTEST_MS) return undefined
    return ((done - first.done) * 1_000) / (now - first.at)
  }
}
