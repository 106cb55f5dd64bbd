import type { PeerAddress } from '../../protocol/peer-address.js'
import type { Peer } from '../peer.js'

/** Where other peers can connect to a peer: the address that we connected to, or that it told us; undefined where it told none. */
export function listenAddressOf({ introduction, candidate }: Peer): PeerAddress | undefined {
  return introduction.isOutgoing ? introduction.address : candidate?.address
}
