import type { PeerIntroduction } from '../../engine/introduction.js'
import type { MetadataPeer } from '../../engine/metadata/metadata-peer.js'
import type { Torrent } from '../../engine/torrent.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import type { Storage } from '../disk/storage.js'
import type { TorrentLimits } from '../limits/rate-limits.js'
import type { Content } from './content.js'
import { ContentConversation } from './content-conversation.js'
import type { ConversationLine } from './conversation-line.js'
import { type Converse, Swarm, type SwarmHashes } from './swarm.js'

interface TakenOver {
  readonly conversation: ContentConversation
  resume(): void
}

/** A torrent whose metainfo is known. */
export class ContentSwarm extends Swarm implements Content {
  readonly storage: Storage
  readonly #makeTorrent: () => Torrent
  #torrent: Torrent | undefined

  constructor(hashes: SwarmHashes, makeTorrent: () => Torrent, storage: Storage, limits: TorrentLimits) {
    super(hashes, limits)
    this.#makeTorrent = makeTorrent
    this.storage = storage
  }

  /** Its engine, which is made when it is first needed: of many that are seeded most never see a peer. */
  get torrent(): Torrent {
    this.#torrent ??= this.#makeTorrent()
    return this.#torrent
  }

  /** Its engine, if it was needed yet. */
  get awakeTorrent(): Torrent | undefined {
    return this.#torrent
  }

  protected override get lacksLayers(): boolean {
    return this.#torrent?.hashExchange?.isComplete === false
  }

  override connectFailed(address: PeerAddress, reason: 'unreachable' | 'ourselves'): void {
    this.torrent.connectFailed(address, reason)
  }

  override admit(introduction: PeerIntroduction): Converse | undefined {
    const peer = this.torrent.addPeer(introduction)
    return peer === undefined ? undefined : line => new ContentConversation(peer, this, line)
  }

  /**
   * Goes on with a peer that gave metadata. Undefined where its connection is to be ended; else the conversation that replaces the one
   * about metadata, and `resume` is to be called when it has.
   */
  takeOver(known: MetadataPeer, line: ConversationLine): TakenOver | undefined {
    const { torrent } = this
    const peer = torrent.takeOverPeer(known)
    if (peer === undefined) return undefined
    return {
      conversation: new ContentConversation(peer, this, line),
      resume: () => torrent.resume(peer, known),
    }
  }
}
