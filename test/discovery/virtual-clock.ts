import type { Clock } from '../../src/discovery/clock.js'

/** Time that passes only when a test says so. */
export class VirtualClock implements Clock {
  #now = 0
  #timers: { at: number; callback: () => void }[] = []

  /** Timers that are still to fire. */
  get pending(): number {
    return this.#timers.length
  }

  now(): number {
    return this.#now
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const timer = { at: this.#now + delayMs, callback }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter(other => other !== timer)
    }
  }

  /** Lets time pass, timer by timer, and after each everything that follows from it. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms
    await settled()
    for (;;) {
      const next = this.#timers.toSorted((a, b) => a.at - b.at)[0]
      if (next === undefined || next.at > end) break
      this.#timers = this.#timers.filter(other => other !== next)
      this.#now = Math.max(this.#now, next.at)
      next.callback()
      await settled()
    }
    this.#now = end
  }
}

/** Everything that promises have to do without waiting for the outside is done. */
export async function settled(): Promise<void> {
  await new Promise(resolve => setImmediate(resolve))
}
