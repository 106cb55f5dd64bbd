import type { Flows } from '../limits/rate-limits.js'
import type { DownloadsHost } from './downloads.js'
import type { SocketLink } from './socket-link.js'

/** A connection as its conversation sees it. */
export interface ConversationLine extends DownloadsHost {
  readonly link: SocketLink
  /** The rate limits of both directions; undefined without limits. */
  readonly flows: Flows | undefined
}
