import type { PeerFeatures } from '../protocol/peer/handshake.js'
import type { PeerAddress } from '../protocol/peer-address.js'
import type { PeerLink } from './world.js'

/** What is known of a peer when its handshake is done. */
export interface PeerIntroduction {
  /** Where it is connected from or to. */
  readonly address: PeerAddress
  readonly peerId: Uint8Array
  readonly isOutgoing: boolean
  readonly features: PeerFeatures
  /** The connection is one of the v2 swarm: hash messages may be sent. */
  readonly isV2: boolean
  readonly link: PeerLink
}
