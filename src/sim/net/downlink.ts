import type { EventQueue, SimEvent } from '../time/event-queue.js'
import { Line } from '../time/line.js'

/** A connection on which blocks arrive. */
export interface Receiver {
  /** The oldest block has arrived completely. */
  deliverBlock(): void
}

/**
 * The download capacity of a host. A block passes while it arrives: one that came more slowly than the line could carry it
 * has arrived with its last bit, and only blocks that come too fast for the line queue up in it.
 */
export class Downlink implements SimEvent {
  readonly #bytesPerSecond: number
  readonly #queue: EventQueue
  /** When the memory for arriving blocks has room. */
  readonly #roomAt: () => number
  readonly #line = new Line<Receiver>()
  #freeAt = 0

  constructor(bytesPerSecond: number, queue: EventQueue, roomAt: () => number) {
    this.#bytesPerSecond = bytesPerSecond
    this.#queue = queue
    this.#roomAt = roomAt
  }

  /**
   * The last bit of a block has arrived.
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

  /** The first block in the queue has passed. */
  run(): void {
    this.#line.shift()?.deliverBlock()
  }
}
