import type { Flows } from '../limits/rate-limits.js'
import type { DownloadsHost } from './downloads.js'
import type { SocketLink } from './socket-link.js'

/** A connection as its conversation sees it. */
export interface ConversationLine extends DownloadsHost {
  readonly link: SocketLink
  /** What may come and leave; absent where no limit holds. */
  readonly flows: Flows | undefined
}
