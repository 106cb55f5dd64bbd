import type { Connection } from './connection.js'

/** After so long without a byte of a block that has begun, memory for which others wait is better used. */
const STUCK_MS = 2_000

/** The connections whose blocks wait for memory. */
export class WaitingRoom {
  readonly #connections: Iterable<Connection>
  #waiting = new Set<Connection>()

  /** @param connections all there are */
  constructor(connections: Iterable<Connection>) {
    this.#connections = connections
  }

  add(connection: Connection, now: number): void {
    this.#waiting.add(connection)
    this.#freeStuckBlocks(now)
  }

  delete(connection: Connection): void {
    this.#waiting.delete(connection)
  }

  /** There is memory again: those who waited longest go on first. */
  resume(): void {
    const waiting = this.#waiting
    this.#waiting = new Set()
    for (const connection of waiting) connection.resume()
  }

  onSecond(now: number): void {
    if (this.#waiting.size > 0) this.#freeStuckBlocks(now)
  }

  /** Nobody may keep memory for which others wait by never coming to the end of a block. */
  #freeStuckBlocks(now: number): void {
    for (const other of this.#connections) {
      if (other.arriving?.peer.isSnubbed || now - other.silence.heardAt > STUCK_MS) other.giveUpBlock()
    }
  }
}
