import type { CloseReason, PeerLink } from '../../engine/world.js'
import { PeerEncoder } from '../../protocol/peer/encoder.js'

interface LinkedConnection {
  /** Bytes that the socket was given and that have not left yet. */
  readonly waitingBytes: number
  end(reason: string): void
}

/** What the engine says to the peer, on its way into the socket. */
export class SocketLink extends PeerEncoder implements PeerLink {
  readonly #connection: LinkedConnection
  readonly #flushSoon: () => void

  constructor(connection: LinkedConnection, flushSoon: () => void) {
    super(flushSoon)
    this.#connection = connection
    this.#flushSoon = flushSoon
  }

  get waitingBytes(): number {
    return this.pending + this.#connection.waitingBytes
  }

  uploadsWaiting(): void {
    this.#flushSoon()
  }

  close(reason: CloseReason, detail: string): void {
    this.#connection.end(`${reason}: ${detail}`)
  }
}
