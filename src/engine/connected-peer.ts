import type { ExtensionName } from '../protocol/peer/extension-ids.js'
import type { Allowance } from './allowance.js'
import type { Candidate, Contributor } from './connect/candidates.js'
import type { PeerIntroduction } from './introduction.js'
import type { PeerLink } from './world.js'

/** The other end of a connection, whatever is exchanged over it: content, or metadata. */
export interface ConnectedPeer {
  readonly introduction: PeerIntroduction
  readonly link: PeerLink
  /** Its address, or /64: peers of one are counted together. */
  readonly group: string
  readonly connectedAt: number
  /** The record by which it is remembered; a stranger's own until it says where it listens. */
  contributor: Contributor
  candidate: Candidate | undefined
  /** It has given us something that was asked for, or got something from us. */
  readonly wasUseful: boolean
  /** Something goes one way or the other now. */
  readonly isBusy: boolean
  /** It wants something from us, or we from it. */
  readonly isOfInterest: boolean
  readonly extensionHandshakes: Allowance
  /** Under which ids it wants the messages of extensions that we know (BEP 10). */
  readonly extensionIds: Map<ExtensionName, number>
}
