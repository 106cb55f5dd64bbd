import type { ContentConversation } from './content-conversation.js'
import type { MetadataConversation } from './metadata-conversation.js'

/**
 * What an open connection talks to: blocks are exchanged with a peer of a torrent whose metainfo is here, else metadata. Both kinds
 * hear what the decoder reads, and end with the connection.
 */
export type Conversation = ContentConversation | MetadataConversation
