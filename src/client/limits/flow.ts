import type { InTurn } from './fair-queue.js'

/** Bytes that may arrive unasked before a flow has to wait for its turn: mostly `have` messages of idle peers. */
const LOOSE_BYTES = 1_024

/** The least that is put aside for a flow. */
export const MIN_TURN = 4 * 1_024

/** A torrent's part in the limits, as a flow sees it. */
export interface FlowLane {
  readonly isLimited: boolean
  /** Bytes that a connection may have at a time. */
  readonly turn: number
  /** Takes bytes from the torrent and the session; a negative number gives them back. */
  take(bytes: number): void
  /** It waits for its turn: `takeTurn` is to be called, and then `goOn`. */
  wait(flow: Flow): void
  /** Nothing is put aside for it any more. */
  turnEnded(flow: Flow): void
  /** It waits no more. */
  leave(flow: Flow): void
}

/**
 * The bytes of one connection in one direction. In its turn it gets an allowance, and waits for the next turn when that is used up.
 * Bytes that pass without a turn are counted all the same, and delay the turns of all.
 */
export class Flow implements InTurn {
  due = 0
  readonly #lane: FlowLane
  readonly #goOn: () => void
  /** Put aside and not used yet. */
  #reserved = 0
  #usedOfTurn = 0
  #looseLeft = LOOSE_BYTES
  /** The allowance of a turn. It follows the use of the last one, since bytes allotted to a slow connection are missing elsewhere. */
  #pace = MIN_TURN
  #least = 0
  #most = 0
  #isWaiting = false

  /** @param goOn called when it is its turn */
  constructor(lane: FlowLane, goOn: () => void) {
    this.#lane = lane
    this.#goOn = goOn
  }

  get isLimited(): boolean {
    return this.#lane.isLimited
  }

  /** It has to wait for its turn. */
  get isWaiting(): boolean {
    return this.#isWaiting
  }

  /** Bytes that may pass now. */
  get allowance(): number {
    return this.isLimited ? this.#reserved : Number.POSITIVE_INFINITY
  }

  /** Bytes that are best moved in one go, so that no others are kept waiting for longer than a turn. */
  get portion(): number {
    if (!this.isLimited) return Number.POSITIVE_INFINITY
    return Math.max(MIN_TURN, this.#reserved > 0 ? this.#reserved : this.#pace)
  }

  /** Bytes have passed; call where `isLimited`. */
  spend(bytes: number): void {
    const own = Math.min(bytes, this.#reserved)
    this.#reserved -= own
    this.#usedOfTurn += bytes
    if (bytes > own) {
      this.#lane.take(bytes - own)
      this.#looseLeft -= bytes - own
    }
    if (own > 0 && this.#reserved === 0) this.#lane.turnEnded(this)
  }

  /** Counts bytes that could not be foreseen. After too many of them the flow waits for its turn. */
  spendUnasked(bytes: number): void {
    this.spend(bytes)
    if (this.#reserved === 0 && this.#looseLeft <= 0) this.wait(1, Number.POSITIVE_INFINITY)
  }

  /** Waits for its turn, in which a multiple of `least` bytes is needed, and no more than `most` are of use. */
  wait(least: number, most: number): void {
    this.#measure()
    this.#least = least
    this.#most = Math.max(least, Math.min(most, this.#pace))
    if (this.#isWaiting) return
    this.#isWaiting = true
    this.#lane.wait(this)
  }

  /** It is its turn; returns how many bytes it has taken. */
  takeTurn(): number {
    const taken = this.#most - (this.#most % this.#least)
    this.#isWaiting = false
    this.#usedOfTurn = 0
    this.#looseLeft = 0
    this.#reserved += taken
    this.#lane.take(taken)
    return taken
  }

  /** After `takeTurn`: tells the connection that it may go on. */
  goOn(): void {
    this.#goOn()
  }

  /** Takes back the allowance that was not used in time. */
  reclaim(): void {
    const rest = this.#reserved
    this.#reserved = 0
    this.#lane.take(-rest)
    this.#looseLeft = LOOSE_BYTES
    this.#measure()
    this.#lane.turnEnded(this)
  }

  /** The connection has ended. */
  close(): void {
    this.reclaim()
    this.#isWaiting = false
    this.#lane.leave(this)
  }

  #measure(): void {
    this.#pace = Math.min(Math.max(MIN_TURN, 2 * this.#usedOfTurn), this.#lane.turn)
  }
}
