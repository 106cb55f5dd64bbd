import type { Peer } from '../../engine/peer.js'
import type { CloseReason } from '../../engine/world.js'
import type { PeerMessages } from '../../protocol/peer/messages.js'
import type { ReadLease } from '../disk/sending/reader.js'
import { BlockSender } from './block-sender.js'
import type { Content } from './content.js'
import type { ConversationLine } from './conversation-line.js'
import { MetadataSender } from './metadata-sender.js'
import { ArrivingBlocks } from './receiving/arriving-blocks.js'
import type { ArrivingBlock, BlockPlace } from './receiving/receivers.js'

/** Blocks are exchanged with the peer, and metadata is given to it: the way from the decoder to the engine and the storage, and back. */
export class ContentConversation {
  readonly type = 'content'
  readonly peer: Peer
  readonly #content: Content
  readonly #arrivingBlocks: ArrivingBlocks
  readonly #blockSender: BlockSender
  /** Absent where no metadata is given. */
  readonly #metadataSender: MetadataSender | undefined

  constructor(peer: Peer, content: Content, line: ConversationLine) {
    this.peer = peer
    this.#content = content
    this.#arrivingBlocks = new ArrivingBlocks(peer, content, line)
    this.#blockSender = new BlockSender(peer, content, line.link, line.flows?.up)
    const { metadataServer } = content.torrent
    this.#metadataSender =
      metadataServer === undefined ? undefined : new MetadataSender(peer, metadataServer, line.flows?.up)
  }

  get messages(): PeerMessages {
    return this.peer
  }

  get pieceCount(): number {
    return this.#content.torrent.map.pieceCount
  }

  /** The peer waits for blocks, or for metadata. */
  get isUploading(): boolean {
    return this.#blockSender.isWaiting || this.#metadataSender?.isWaiting === true
  }

  /** As `BlockSink.beginBlock`. */
  beginBlock(piece: number, offset: number, length: number): number {
    return this.#arrivingBlocks.begin(piece, offset, length)
  }

  endBlock(piece: number, offset: number, length: number): void {
    this.#arrivingBlocks.end(piece, offset, length)
  }

  /** The block that is arriving, with what it belongs to. */
  arriving(block: BlockPlace): ArrivingBlock {
    return this.#arrivingBlocks.arriving(block)
  }

  /** Leaves a block that is arriving to others. */
  giveUp(block: BlockPlace): void {
    this.#arrivingBlocks.giveUp(block)
  }

  /** As `BlockSender.take`. */
  takeBlocks(parts: Uint8Array[], waitingBytes: number): readonly ReadLease[] {
    this.#metadataSender?.send()
    return this.#blockSender.take(parts, waitingBytes)
  }

  written(leases: readonly ReadLease[]): void {
    this.#blockSender.written(leases)
  }

  /** We keep the peer from being heard: it is not its fault that no block comes. */
  heldUp(now: number): void {
    this.peer.ledger.heldUp(now)
  }

  /** All bytes at hand were decoded. */
  endTurn(): void {
    this.#content.torrent.downloader.endTurn(this.peer)
  }

  drop(reason: CloseReason, detail: string): void {
    this.peer.drop(reason, detail)
  }

  /** The connection has ended, in the middle of `block` where there is one. */
  close(block: BlockPlace | undefined): void {
    const { storage, torrent } = this.#content
    if (block !== undefined) storage.abandon(block.piece, block.offset)
    torrent.removePeer(this.peer)
  }
}
