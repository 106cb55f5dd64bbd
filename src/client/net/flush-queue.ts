interface Flushable {
  /** The queue's mark that it has this connection on its list. */
  isFlushPlanned: boolean
  flush(): void
}

/** Connections that have something to send, which they do at the end of this turn of the event loop. */
export class FlushQueue {
  #waiting: Flushable[] = []

  add(connection: Flushable): void {
    if (connection.isFlushPlanned) return
    if (this.#waiting.length === 0) queueMicrotask(() => this.#flush())
    connection.isFlushPlanned = true
    this.#waiting.push(connection)
  }

  #flush(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const connection of waiting) {
      connection.isFlushPlanned = false
      connection.flush()
    }
  }
}
