import type { PeerAddress } from '../../protocol/peer-address.js'
import type { Swarm } from './swarm.js'

/** An outgoing connection of a torrent: reports its outcome to the torrent, and keeps it for a peer that the user named. */
export class Dial {
  #swarm: Swarm
  /** The one to name. */
  readonly infoHash: Uint8Array
  readonly #remote: PeerAddress
  #state: 'undecided' | 'open' | 'refused' = 'undecided'

  constructor(swarm: Swarm, infoHash: Uint8Array, remote: PeerAddress) {
    this.#swarm = swarm
    this.infoHash = infoHash
    this.#remote = remote
  }

  get swarm(): Swarm {
    return this.#swarm
  }

  /** Its connection goes on in another swarm, of the same torrent. */
  goOnWith(swarm: Swarm): void {
    this.#swarm = swarm
    swarm.namedPeers.connected(this.#remote)
  }

  /** The peer was admitted. */
  opened(): void {
    this.#state = 'open'
    this.swarm.namedPeers.connected(this.#remote)
  }

  /** The torrent does not want this peer, although it has the torrent. */
  refused(): void {
    this.#state = 'refused'
    this.swarm.namedPeers.ended(this.#remote, 'it is connected already, or banned')
  }

  /** It led to ourselves. */
  ledToOurselves(): void {
    this.#state = 'refused'
    this.swarm.connectFailed(this.#remote, 'ourselves')
    this.swarm.namedPeers.ended(this.#remote, 'it is this program itself')
  }

  /** The connection has ended, or none came about. */
  ended(reason: Error | string): void {
    if (this.#state === 'refused') return
    this.swarm.namedPeers.ended(this.#remote, reason)
    if (this.#state === 'undecided') this.swarm.connectFailed(this.#remote, 'unreachable')
  }
}
