import type { AcceptedStream } from './transport.js'

/** A peer that is refused comes again after minutes; one that waits for longer than this may have given up. */
const PATIENCE_MS = 3_000

const POLL_MS = 50

const MAX_WAITING = 64

/**
 * Peers that connect while the torrents of a new session are still being checked. Their connections wait, unread, until every
 * torrent is ready or the session is 3 s old; then they are accepted as any other.
 */
export class EarlyConnections implements Disposable {
  readonly #isChecking: () => boolean
  readonly #accept: (stream: AcceptedStream) => void
  readonly #endsAt = performance.now() + PATIENCE_MS
  readonly #waiting: AcceptedStream[] = []
  #timer: NodeJS.Timeout | undefined

  /** @param isChecking whether a torrent is not ready for peers yet */
  constructor(isChecking: () => boolean, accept: (stream: AcceptedStream) => void) {
    this.#isChecking = isChecking
    this.#accept = accept
  }

  /** Takes a connection that a peer began. */
  take(stream: AcceptedStream): void {
    if (this.#waiting.length >= MAX_WAITING || this.#isOver) {
      this.#accept(stream)
      return
    }
    this.#waiting.push(stream)
    this.#timer ??= setInterval(() => {
      if (this.#isOver) this.#letIn()
    }, POLL_MS)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    for (const stream of this.#waiting.splice(0)) stream.destroy()
  }

  get #isOver(): boolean {
    return performance.now() >= this.#endsAt || !this.#isChecking()
  }

  #letIn(): void {
    clearInterval(this.#timer)
    this.#timer = undefined
    for (const stream of this.#waiting.splice(0)) this.#accept(stream)
  }
}
