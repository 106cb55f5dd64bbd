import type { EventQueue, SimEvent } from '../time/event-queue.js'
import { Line } from '../time/line.js'

/** A connection on which blocks arrive. */
export interface Receiver {
  /** The oldest block that has arrived is there as a whole. */
  deliverBlock(): void
}

/**
 * The download capacity of a host. A block passes while it arrives: one that came more slowly than the line could carry it
 * is there with its last bit, and only those that come too fast for the line wait in it, one behind the other.
 */
export class Downlink implements SimEvent {
  readonly #bytesPerSecond: number
  readonly #queue: EventQueue
  /** When there is room in the memory for blocks that arrive. */
  readonly #roomAt: () => number
  readonly #line = new Line<Receiver>()
  #freeAt = 0

  constructor(bytesPerSecond: number, queue: EventQueue, roomAt: () => number) {
    this.#bytesPerSecond = bytesPerSecond
    this.#queue = queue
    this.#roomAt = roomAt
  }

  /**
   * The last bit of a block is here.
   * @param sentMs how long it took to send it
   */
  arrive(receiver: Receiver, length: number, sentMs: number): void {
    const { now } = this.#queue
    const begins = Math.max(now - sentMs, this.#freeAt)
    this.#freeAt = Math.max(begins + (length * 1_000) / this.#bytesPerSecond, this.#roomAt())
    const passed = Math.max(now, this.#freeAt)
    if (passed <= now && this.#line.length === 0) {
      receiver.deliverBlock()
      return
    }
    this.#line.push(receiver)
    this.#queue.plan(passed, this)
  }

  /** The first in the line has passed. */
  run(): void {
    this.#line.shift()?.deliverBlock()
  }
}
