import { type ExchangedPeer, MAX_EXCHANGED, type PeerExchange } from '../../protocol/peer/peer-exchange.js'
import type { PeerAddress } from '../../protocol/peer-address.js'

/** Added peers in the first message of a connection, for which BEP 11 gives no limit. */
const MAX_FIRST_ADDED = 200

/** The peers that one peer was told of (BEP 11): each message has the changes since the one before. */
export class ToldPeers {
  /** By the text of the address. */
  readonly #told = new Map<string, PeerAddress>()
  #isFirst = true

  /**
   * @param connected the connected peers, by the text of the address
   * @param isForThem false for addresses that the peer must not be told
   * @returns undefined where nothing has changed; changes that do not fit are in the next message
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
