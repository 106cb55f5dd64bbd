import type { Bitfield } from '../base/bitfield.js'
import type { HashMessage } from '../protocol/peer/hash-messages.js'
import type { SourceOwner } from './download/source.js'
import type { UploadRequest } from './upload/upload-queue.js'
import type { CloseReason } from './world.js'

/** The torrent as its peers see it. */
export interface PeerOwner<Peer> extends SourceOwner {
  readonly uploader: {
    onRequest(peer: Peer, request: UploadRequest): void
    onCancel(peer: Peer, request: UploadRequest): void
    onInterestChanged(peer: Peer): void
  }
  readonly hashExchange:
    | {
        onRequest(peer: Peer, message: HashMessage): void
        onHashes(peer: Peer, message: HashMessage, hashes: Uint8Array): void
        onReject(peer: Peer, message: HashMessage): void
      }
    | undefined
  readonly extensions: { onMessage(peer: Peer, id: number, payload: Uint8Array): void }
  onBitfield(peer: Peer): void
  /** The peer had announced single pieces before; `pieces` are all that it has. */
  onLateBitfield(peer: Peer, pieces: Bitfield): void
  onHave(peer: Peer, piece: number): void
  dropPeer(peer: Peer, reason: CloseReason, detail: string): void
}
