import type { Flows } from '../limits/rate-limits.js'
import type { ReceivingLine } from './receiving/arriving-blocks.js'
import type { SocketLink } from './socket-link.js'

/** A connection as its conversation sees it. */
export interface ConversationLine extends ReceivingLine {
  readonly link: SocketLink
  /** The rate limits of both directions; undefined without limits. */
  readonly flows: Flows | undefined
}
