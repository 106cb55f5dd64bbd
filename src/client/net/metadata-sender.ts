import type { MetadataServer } from '../../engine/metadata/metadata-server.js'
import type { Peer } from '../../engine/peer.js'
import type { Flow } from '../limits/flow.js'

/** Bytes in a socket up to which metadata is put behind them. */
const MAX_QUEUED_BYTES = 128 * 1024

/** The metadata that one peer waits for: sent as far as the socket takes it and the limits allow. */
export class MetadataSender {
  readonly #peer: Peer
  readonly #server: MetadataServer
  readonly #flow: Flow | undefined

  /** @param flow what may leave; absent where nothing limits it */
  constructor(peer: Peer, server: MetadataServer, flow: Flow | undefined) {
    this.#peer = peer
    this.#server = server
    this.#flow = flow
  }

  get isWaiting(): boolean {
    return this.#server.waitingBytes(this.#peer) > 0
  }

  send(): void {
    for (;;) {
      const bytes = this.#server.waitingBytes(this.#peer)
      if (bytes === 0 || this.#peer.link.waitingBytes >= MAX_QUEUED_BYTES) return
      const flow = this.#flow
      if (flow?.isLimited) {
        if (flow.allowance < bytes) {
          flow.wait(bytes, bytes)
          return
        }
        flow.spend(bytes)
      }
      this.#server.sendNext(this.#peer)
    }
  }
}
