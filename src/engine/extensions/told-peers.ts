import { type ExchangedPeer, MAX_EXCHANGED, type PeerExchange } from '../../protocol/peer/peer-exchange.js'
import type { PeerAddress } from '../../protocol/peer-address.js'

/** In the first message of a connection, which BEP 11 does not bound. */
const MAX_FIRST_ADDED = 200

/** What one peer was told of the others (BEP 11): each message has what has changed since the one before. */
export class ToldPeers {
  /** By their texts. */
  readonly #told = new Map<string, PeerAddress>()
  #isFirst = true

  /**
   * @param connected who is connected now, by the text of the address
   * @param isForThem false for those that are not to be told
   * @returns undefined where nothing has changed; what does not fit goes into the next message
   */
  next(
    connected: ReadonlyMap<string, ExchangedPeer>,
    isForThem: (key: string, address: PeerAddress) => boolean,
  ): PeerExchange | undefined {
    const added: ExchangedPeer[] = []
    const dropped: PeerAddress[] = []
    for (const [key, address] of this.#told) {
      if (dropped.length === MAX_EXCHANGED) break
      if (connected.has(key)) continue
      dropped.push(address)
      this.#told.delete(key)
    }
    const limit = this.#isFirst ? MAX_FIRST_ADDED : MAX_EXCHANGED
    for (const [key, peer] of connected) {
      if (added.length === limit) break
      if (this.#told.has(key) || !isForThem(key, peer.address)) continue
      added.push(peer)
      this.#told.set(key, peer.address)
    }
    if (added.length + dropped.length === 0) return undefined
    this.#isFirst = false
    return { added, dropped }
  }
}
