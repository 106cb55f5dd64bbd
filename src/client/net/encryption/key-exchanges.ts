/** Key exchanges a second, each some 0.5 ms of this thread: a flood of them takes no more than a tenth of it. */
const PER_SECOND = 200

/** Exchanges that may be made at once after a rest. */
const BURST = 50

const TICK_MS = 10

/** A connection that waits for its turn. */
export interface KeyExchangeTurn {
  /** It waits no more. */
  cancel(): void
}

/**
 * Bounds the key exchanges of incoming connections: a connection that costs its peer 96 bytes of noise costs us two
 * exponentiations. Where there are too many they wait, and addresses take turns, so that a flood from one holds up no other.
 * The queue is bounded by the connections that may be open before their handshake.
 */
export class KeyExchanges {
  readonly #now: () => number
  /** Waiting key exchanges, by address. */
  readonly #groups = new Map<string, Set<() => void>>()
  #allowance = BURST
  #filledAt: number
  #timer: NodeJS.Timeout | undefined

  /** @param now milliseconds from any beginning */
  constructor(now: () => number) {
    this.#now = now
    this.#filledAt = now()
  }

  /**
   * Asks for a turn.
   * @param group the address, or /64, that takes turns with others
   * @param goOn called at the turn, unless it is `now`
   */
  ask(group: string, goOn: () => void): 'now' | KeyExchangeTurn {
    if (this.#groups.size === 0 && this.#mayBegin()) return 'now'
    const waiting = this.#groups.get(group) ?? new Set<() => void>()
    this.#groups.set(group, waiting)
    waiting.add(goOn)
    this.#timer ??= setTimeout(() => this.#onTick(), TICK_MS)
    return {
      cancel: () => {
        if (waiting.delete(goOn) && waiting.size === 0) this.#groups.delete(group)
        if (this.#groups.size === 0) this.#rest()
      },
    }
  }

  #mayBegin(): boolean {
    const now = this.#now()
    this.#allowance = Math.min(BURST, this.#allowance + ((now - this.#filledAt) * PER_SECOND) / 1_000)
    this.#filledAt = now
    if (this.#allowance < 1) return false
    this.#allowance--
    return true
  }

  #onTick(): void {
    this.#timer = undefined
    while (this.#groups.size > 0 && this.#mayBegin()) this.#beginNext()
    if (this.#groups.size > 0) this.#timer ??= setTimeout(() => this.#onTick(), TICK_MS)
  }

  /** The first of the first group, which then goes behind the others. */
  #beginNext(): void {
    const [first] = this.#groups
    if (first === undefined) return
    const [group, waiting] = first
    this.#groups.delete(group)
    const [goOn] = waiting
    if (goOn === undefined) return
    waiting.delete(goOn)
    if (waiting.size > 0) this.#groups.set(group, waiting)
    goOn()
  }

  #rest(): void {
    clearTimeout(this.#timer)
    this.#timer = undefined
  }
}
