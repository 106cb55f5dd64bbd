import { formatAddress, type PeerAddress } from '../../../protocol/peer-address.js'

/** Addresses kept; the oldest give way. */
const MAX_PLAIN_PEERS = 2_000

/** Peers that do not understand an encrypted handshake, so that they are not asked for one each time. */
export class PlainPeers {
  readonly #addresses = new Set<string>()

  has(address: PeerAddress): boolean {
    return this.#addresses.has(formatAddress(address))
  }

  add(address: PeerAddress): void {
    const [oldest] = this.#addresses
    if (oldest !== undefined && this.#addresses.size >= MAX_PLAIN_PEERS) this.#addresses.delete(oldest)
    this.#addresses.add(formatAddress(address))
  }

  /** It may be another client by now. */
  delete(address: PeerAddress): void {
    this.#addresses.delete(formatAddress(address))
  }
}
