import type { EventQueue, SimEvent } from '../time/event-queue.js'
import { Line } from '../time/line.js'

/** A connection that wants to send blocks. */
export interface Sender {
  /** Whether it is in the uplink's queue. */
  isInLine: boolean
  /** Takes the next block to send. Returns its length in bytes, or 0 where there is none, or none may be sent now. */
  beginBlock(): number
  /** The last bit of the block has left. */
  endBlock(): void
}

/** Where blocks are read from before they can leave. */
interface BlockReader {
  /** @returns when `length` bytes are read, in milliseconds */
  read(length: number): number
}

/**
 * The upload capacity of a host: the connections that have something to send take turns, a block each, as equal TCP streams
 * share a line.
 */
export class Uplink implements SimEvent {
  readonly #bytesPerSecond: number
  readonly #queue: EventQueue
  readonly #reader: BlockReader
  readonly #line = new Line<Sender>()
  #current: Sender | undefined

  constructor(bytesPerSecond: number, queue: EventQueue, reader: BlockReader) {
    this.#bytesPerSecond = bytesPerSecond
    this.#queue = queue
    this.#reader = reader
  }

  /** Milliseconds that `length` bytes take to leave. */
  msFor(length: number): number {
    return (length * 1_000) / this.#bytesPerSecond
  }

  /** A connection has blocks to send. */
  wake(sender: Sender): void {
    if (sender.isInLine) return
    sender.isInLine = true
    this.#line.push(sender)
    if (this.#current === undefined) this.#serveNext()
  }

  /** The block that was being sent has left. */
  run(): void {
    const sender = this.#current
    this.#current = undefined
    if (sender !== undefined) {
      sender.endBlock()
      this.wake(sender)
    }
    if (this.#current === undefined) this.#serveNext()
  }

  #serveNext(): void {
    for (let sender = this.#line.shift(); sender !== undefined; sender = this.#line.shift()) {
      sender.isInLine = false
      const length = sender.beginBlock()
      if (length === 0) continue
      this.#current = sender
      const left = this.#queue.now + this.msFor(length)
      this.#queue.plan(Math.max(left, this.#reader.read(length)), this)
      return
    }
  }
}
