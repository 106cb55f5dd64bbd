import type { MetadataPeer } from '../../engine/metadata/metadata-peer.js'
import type { MetadataTorrent } from '../../engine/metadata/metadata-torrent.js'
import type { CloseReason } from '../../engine/world.js'
import { SKIP } from '../../protocol/peer/decoder.js'
import type { PeerMessages } from '../../protocol/peer/messages.js'
import type { ReadLease } from '../disk/sending/reader.js'

const NO_LEASES: readonly ReadLease[] = []

/** Metadata is exchanged with the peer: extended messages, and no blocks. */
export class MetadataConversation {
  readonly type = 'metadata'
  readonly pieceCount = undefined
  readonly isUploading = false
  readonly peer: MetadataPeer
  readonly #torrent: MetadataTorrent

  constructor(peer: MetadataPeer, torrent: MetadataTorrent) {
    this.peer = peer
    this.#torrent = torrent
  }

  get messages(): PeerMessages {
    return this.peer
  }

  /** None was asked for. */
  beginBlock(piece: number, offset: number): number {
    this.drop('unasked-block', `block at ${offset} of piece ${piece}`)
    return SKIP
  }

  endBlock(): void {}

  takeBlocks(): readonly ReadLease[] {
    return NO_LEASES
  }

  written(): void {}

  heldUp(): void {}

  endTurn(): void {}

  drop(reason: CloseReason, detail: string): void {
    this.peer.drop(reason, detail)
  }

  close(): void {
    this.#torrent.removePeer(this.peer)
  }
}
