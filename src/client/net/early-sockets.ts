import type net from 'node:net'

/** A peer that is refused comes again after minutes; one that waits for longer than this may have given up. */
const PATIENCE_MS = 3_000

const POLL_MS = 50

const MAX_WAITING = 64

/**
 * Peers that connect while the torrents of a new session are still being checked. Their sockets wait, unread, until every
 * torrent is ready or the session is 3 s old; then they are accepted as any other.
 */
export class EarlySockets implements Disposable {
  readonly #isChecking: () => boolean
  readonly #accept: (socket: net.Socket) => void
  readonly #endsAt = performance.now() + PATIENCE_MS
  readonly #waiting: net.Socket[] = []
  #timer: NodeJS.Timeout | undefined

  /** @param isChecking whether a torrent is not ready for peers yet */
  constructor(isChecking: () => boolean, accept: (socket: net.Socket) => void) {
    this.#isChecking = isChecking
    this.#accept = accept
  }

  /** Takes a socket that nothing was read from. */
  take(socket: net.Socket): void {
    if (this.#waiting.length >= MAX_WAITING || this.#isOver) {
      this.#accept(socket)
      return
    }
    this.#waiting.push(socket)
    this.#timer ??= setInterval(() => {
      if (this.#isOver) this.#letIn()
    }, POLL_MS)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    for (const socket of this.#waiting.splice(0)) socket.destroy()
  }

  get #isOver(): boolean {
    return performance.now() >= this.#endsAt || !this.#isChecking()
  }

  #letIn(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    for (const socket of this.#waiting.splice(0)) this.#accept(socket)
  }
}
