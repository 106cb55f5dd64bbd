import type { CloseReason, PeerLink } from '../../engine/world.js'
import { PeerEncoder } from '../../protocol/peer/encoder.js'

interface LinkedConnection {
  /** Bytes that the socket was given and that have not left yet. */
  readonly waitingBytes: number
  end(reason: string): void
}

/** Encodes the engine's messages to a peer into its socket. */
export class SocketLink extends PeerEncoder implements PeerLink {
  readonly #connection: LinkedConnection
  readonly #flushSoon: () => void
  /** Pieces that the peer will hear of with the next message. */
  #late: number[] = []

  constructor(connection: LinkedConnection, flushSoon: () => void) {
    super(() => {
      flushSoon()
      this.sayLate()
    })
    this.#connection = connection
    this.#flushSoon = flushSoon
  }

  get waitingBytes(): number {
    return this.pending + this.#connection.waitingBytes
  }

  uploadsWaiting(): void {
    this.#flushSoon()
  }

  haveToo(piece: number): void {
    if (this.pending > 0) this.have(piece)
    else this.#late.push(piece)
  }

  /** Call once a second: nothing waits longer. */
  sayLate(): void {
    const late = this.#late
    if (late.length === 0) return
    this.#late = []
    for (const piece of late) this.have(piece)
  }

  close(reason: CloseReason, detail: string): void {
    this.#connection.end(`${reason}: ${detail}`)
  }
}
