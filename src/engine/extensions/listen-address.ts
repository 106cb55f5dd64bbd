import type { PeerAddress } from '../../protocol/peer-address.js'
import type { Peer } from '../peer.js'

/** Where others can connect to a peer: where we did, or what it says; undefined where it said nothing. */
export function listenAddressOf({ introduction, candidate }: Peer): PeerAddress | undefined {
  return introduction.isOutgoing ? introduction.address : candidate?.address
}
