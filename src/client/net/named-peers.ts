import { formatAddress, type PeerAddress } from '../../protocol/peer-address.js'

/** Why there is no connection with a peer that the user named. */
export interface PeerFailure {
  readonly address: PeerAddress
  /** The end of the last attempt or connection: an error of the system, or a few words about the peer. */
  readonly reason: Error | string
}

/** The peers of a torrent that the user named: of them it is remembered why they could not be reached. */
export class NamedPeers {
  /** By address; no more than were named. */
  readonly #ends = new Map<string, PeerFailure | undefined>()

  name(addresses: Iterable<PeerAddress>): void {
    for (const address of addresses) this.#ends.set(formatAddress(address), undefined)
  }

  get failures(): readonly PeerFailure[] {
    return [...this.#ends.values()].filter(end => end !== undefined)
  }

  connected(address: PeerAddress): void {
    this.#note(address, undefined)
  }

  ended(address: PeerAddress, reason: Error | string): void {
    this.#note(address, { address, reason })
  }

  #note(address: PeerAddress, end: PeerFailure | undefined): void {
    if (this.#ends.size === 0) return
    const key = formatAddress(address)
    if (this.#ends.has(key)) this.#ends.set(key, end)
  }
}
