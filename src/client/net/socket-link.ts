import type { CloseReason, PeerLink } from '../../engine/world.js'
import { PeerEncoder } from '../../protocol/peer/encoder.js'

/** What the engine says to the peer, on its way into the socket. */
export class SocketLink extends PeerEncoder implements PeerLink {
  readonly #connection: { end(reason: string): void }
  readonly #flushSoon: () => void

  constructor(connection: { end(reason: string): void }, flushSoon: () => void) {
    super(flushSoon)
    this.#connection = connection
    this.#flushSoon = flushSoon
  }

  uploadsWaiting(): void {
    this.#flushSoon()
  }

  close(reason: CloseReason, detail: string): void {
    this.#connection.end(`${reason}: ${detail}`)
  }
}
