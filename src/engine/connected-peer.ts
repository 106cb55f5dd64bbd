import type { ExtensionName } from '../protocol/peer/extension-ids.js'
import type { Allowance } from './allowance.js'
import type { Candidate } from './connect/candidates.js'
import type { PeerContributor } from './download/contributor.js'
import type { PeerIntroduction } from './introduction.js'
import type { PeerLink } from './world.js'

/** The other end of a connection over which content or metadata is exchanged. */
export interface ConnectedPeer {
  readonly introduction: PeerIntroduction
  readonly link: PeerLink
  /** Its address, or /64: peers of one are counted together. */
  readonly group: string
  readonly connectedAt: number
  /** Its record, which stays; that of its candidate, once it has one. */
  contributor: PeerContributor
  candidate: Candidate | undefined
  /** A requested block or piece of metadata has come from it, or one has gone to it. */
  readonly wasUseful: boolean
  /** Bytes of blocks are moving, in either direction. */
  readonly isBusy: boolean
  /** It is interested in us, or we in it. */
  readonly isOfInterest: boolean
  /** Its name for people, as its last extension handshake has it. */
  client: string | undefined
  readonly extensionHandshakes: Allowance
  /** The ids under which it wants the messages of extensions that we know (BEP 10). */
  readonly extensionIds: Map<ExtensionName, number>
}
