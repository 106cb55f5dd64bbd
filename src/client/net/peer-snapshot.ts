import type { MetadataPeer } from '../../engine/metadata/metadata-peer.js'
import type { Peer } from '../../engine/peer.js'
import { clientOfPeerId } from '../../protocol/peer/peer-id.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import type { PeerSource } from '../../protocol/peer-source.js'
import type { Conversation } from './conversation.js'
import type { StreamRoute } from './peer-stream.js'

/** The metainfo is asked of the peer, and nothing is known of its pieces. */
export interface MetadataExchange {
  readonly type: 'metadata'
  /** It states the size of the metainfo, and so has it. */
  readonly hasMetadata: boolean
}

/** Blocks are exchanged with the peer. Rates in bytes per second over the last five seconds; totals in bytes, of this connection. */
export interface ContentExchange {
  readonly type: 'content'
  /** We answer no requests of it. */
  readonly isChokedByUs: boolean
  /** It answers no requests of ours. */
  readonly isChokingUs: boolean
  /** We want pieces that it has, and told it so. */
  readonly isOfInterestToUs: boolean
  /** It wants pieces of us. */
  readonly isInterestedInUs: boolean
  /** It snubs us: it leaves our requests unanswered. */
  readonly isSnubbingUs: boolean
  /** It has every piece. */
  readonly isSeeder: boolean
  /** The share of the torrent's pieces that it has, from 0 to 1. */
  readonly progress: number
  readonly downRate: number
  readonly upRate: number
  readonly downloaded: number
  readonly uploaded: number
}

/** A connected peer of a torrent at one moment. */
export interface PeerSnapshot {
  /** The remote address of the connection; the port of an incoming one is not that on which the peer listens. */
  readonly address: PeerAddress
  readonly direction: 'incoming' | 'outgoing'
  /**
   * Client and version, by its extension handshake (at most 64 bytes of it, and any characters), else by its peer id. Undefined where
   * neither has a name.
   */
  readonly client: string | undefined
  /** The name of the transport that carries the connection: `tcp`. */
  readonly transport: StreamRoute['transport']
  readonly encryption: StreamRoute['encryption']
  /** The most trusted source of its address; undefined for a peer that connected to us and has not told its port. */
  readonly source: PeerSource | undefined
  readonly exchange: MetadataExchange | ContentExchange
}

/** @param now ms of the session's clock */
export function snapshotOf(
  conversation: Conversation,
  { transport, encryption }: StreamRoute,
  now: number,
): PeerSnapshot {
  const { introduction, client, candidate } = conversation.peer
  return {
    address: introduction.address,
    direction: introduction.isOutgoing ? 'outgoing' : 'incoming',
    client: client ?? clientOfPeerId(introduction.peerId),
    transport,
    encryption,
    source: candidate?.source,
    exchange:
      conversation.type === 'content'
        ? contentExchange(conversation.peer, now)
        : metadataExchange(conversation.peer),
  }
}

function metadataExchange({ metadataSize }: MetadataPeer): MetadataExchange {
  return { type: 'metadata', hasMetadata: metadataSize !== undefined }
}

function contentExchange(peer: Peer, now: number): ContentExchange {
  const { pieces, isSeed, received, sent } = peer
  return {
    type: 'content',
    isChokedByUs: peer.isChoked,
    isChokingUs: peer.isChoking,
    isOfInterestToUs: peer.isWanted,
    isInterestedInUs: peer.isInterested,
    isSnubbingUs: peer.isSnubbed,
    isSeeder: isSeed,
    progress: isSeed ? 1 : pieces.count / pieces.length,
    downRate: received.bytesPerSecond(now),
    upRate: sent.bytesPerSecond(now),
    downloaded: received.total,
    uploaded: sent.total,
  }
}
