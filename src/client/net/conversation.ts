import type { ContentConversation } from './content-conversation.js'
import type { MetadataConversation } from './metadata-conversation.js'

/**
 * The purpose of an open connection: to exchange blocks of a torrent whose metainfo is known, or else metadata. Both kinds receive
 * the decoded messages, and end with the connection.
 */
export type Conversation = ContentConversation | MetadataConversation
