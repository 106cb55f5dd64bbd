// BEP 55: hole punching needs uTP, which we do not speak: we neither introduce peers to each other nor connect that way.

import { decodeHolePunch, encodeHolePunch, HolePunchError } from '../../protocol/peer/hole-punch.js'
import type { Peer } from '../peer.js'
import { type Extension, sendExtended } from './extension.js'
import { listenAddressOf } from './listen-address.js'

/** Answers every request with an error. */
export class HolePunch implements Extension<Peer> {
  readonly name = 'ut_holepunch'
  /** Offering it only to refuse would keep peers from a relay that helps. */
  readonly isOffered = false
  readonly #peers: ReadonlySet<Peer>

  constructor(peers: ReadonlySet<Peer>) {
    this.#peers = peers
  }

  onMessage(peer: Peer, payload: Uint8Array): 'read' | 'malformed' {
    const message = decodeHolePunch(payload)
    if (message === undefined) return 'malformed'
    // A `connect`, which is ignored, and an error need no answer.
    if (message.type !== 'rendezvous' || !peer.mayBeRefused()) return 'read'
    const { address } = message
    const answer = encodeHolePunch({ type: 'error', address, code: this.#reasonAgainst(address) })
    if (answer !== undefined) sendExtended(peer, this.name, answer)
    return 'read'
  }

  #reasonAgainst({ host, port }: { host: string; port: number }): number {
    for (const other of this.#peers) {
      const known = listenAddressOf(other)
      if (known?.host === host && known.port === port) return HolePunchError.noSupport
    }
    return HolePunchError.notConnected
  }
}
