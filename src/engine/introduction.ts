import type { PeerFeatures } from '../protocol/peer/handshake.js'
import type { PeerAddress } from '../protocol/peer-address.js'
import type { PeerLink } from './world.js'

/** The facts about a peer that are known when its handshake is complete. */
export interface PeerIntroduction {
  /** The remote address of the connection. */
  readonly address: PeerAddress
  readonly peerId: Uint8Array
  readonly isOutgoing: boolean
  readonly features: PeerFeatures
  /** The connection is in the v2 swarm: hash messages may be sent (BEP 52). */
  readonly isV2: boolean
  readonly link: PeerLink
}
