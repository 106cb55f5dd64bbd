/** Connections that have more to say than one turn takes and go on in the same next turn: 8 MiB of blocks at the most. */
const AT_A_TIME = 4

interface TurnTaker {
  /** It may be read again. */
  takeTurn(): void
}

/**
 * The turns of the event loop, and the connections that have used up theirs. They go on in later turns, a few in each and in
 * the order in which they came, so that between them everybody else is heard: Node.js would read one socket up to 32 times
 * before it looks at the next.
 */
export class ReadTurns {
  readonly #waiting = new Set<TurnTaker>()
  readonly #onTurn = () => this.#next()
  #current = 0
  #isPlanned = false

  /** The number of this turn; to be asked in each turn in which something is read. */
  get current(): number {
    this.#plan()
    return this.#current
  }

  /** It has used up its turn: `takeTurn` will be called in a later one. */
  wait(taker: TurnTaker): void {
    this.#waiting.add(taker)
    this.#plan()
  }

  /** It waits no more. */
  leave(taker: TurnTaker): void {
    this.#waiting.delete(taker)
  }

  #plan(): void {
    if (this.#isPlanned) return
    this.#isPlanned = true
    setImmediate(this.#onTurn)
  }

  #next(): void {
    this.#isPlanned = false
    this.#current++
    let left = AT_A_TIME
    for (const taker of this.#waiting) {
      if (left-- === 0) break
      this.#waiting.delete(taker)
      taker.takeTurn()
    }
    if (this.#waiting.size > 0) this.#plan()
  }
}
