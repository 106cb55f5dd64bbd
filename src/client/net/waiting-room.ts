import type { Connection } from './connection.js'

/** A block that has stopped arriving for this long loses its memory, if other blocks wait for memory. */
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

  /** There is memory again: the connections that have waited longest go on first. */
  resume(): void {
    const waiting = this.#waiting
    this.#waiting = new Set()
    for (const connection of waiting) connection.resume()
  }

  onSecond(now: number): void {
    if (this.#waiting.size > 0) this.#freeStuckBlocks(now)
  }

  /** Frees the memory of blocks that never end while other connections wait for it. */
  #freeStuckBlocks(now: number): void {
    for (const other of this.#connections) {
      if (other.arriving?.peer.isSnubbed || now - other.silence.heardAt > STUCK_MS) other.giveUpBlock()
    }
  }
}
