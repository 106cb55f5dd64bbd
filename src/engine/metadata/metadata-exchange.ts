// BEP 9: pieces of the metadata, as one asks for them that has none.

import type { ExtensionHandshake } from '../../protocol/peer/extension-handshake.js'
import {
  decodeMetadataMessage,
  encodeMetadataMessage,
  METADATA_PIECE_LENGTH,
} from '../../protocol/peer/metadata-message.js'
import { type Extension, sendExtended } from '../extensions/extension.js'
import type { MetadataPeer } from './metadata-peer.js'

/** What puts the metadata together. */
export interface MetadataReceiver {
  /** A peer has the metadata, and says how many bytes they are, 1 to 100 MiB: `ask` may be called for it. */
  onOffer(peer: MetadataPeer, size: number): void
  /** A piece that was asked for, of the right length; the bytes are only valid during the call. */
  onPiece(peer: MetadataPeer, piece: number, bytes: Uint8Array): void
  /** A peer does not give a piece that it was asked for. */
  onRejected(peer: MetadataPeer, piece: number): void
}

/** Asks peers for pieces of the metadata, and passes on only what was asked for. */
export class MetadataExchange implements Extension<MetadataPeer> {
  readonly name = 'ut_metadata'
  readonly isOffered = true
  readonly #receiver: MetadataReceiver

  constructor(receiver: MetadataReceiver) {
    this.#receiver = receiver
  }

  /** Asks a peer that has offered the metadata for one piece. */
  ask(peer: MetadataPeer, piece: number): void {
    peer.askedPieces.add(piece)
    sendExtended(peer, this.name, encodeMetadataMessage({ type: 'request', piece }))
  }

  /** The first size that a peer names counts. */
  onHandshake(peer: MetadataPeer, { metadataSize }: ExtensionHandshake): void {
    if (metadataSize === undefined || peer.metadataSize !== undefined) return
    if (!peer.extensionIds.has(this.name)) return
    peer.metadataSize = metadataSize
    this.#receiver.onOffer(peer, metadataSize)
  }

  onMessage(peer: MetadataPeer, payload: Uint8Array): 'read' | 'malformed' {
    const message = decodeMetadataMessage(payload)
    if (message === undefined) return 'malformed'
    if (message === 'unknown') return 'read'
    const { piece } = message
    switch (message.type) {
      case 'request':
        if (!peer.mayBeRefused()) return 'malformed'
        sendExtended(peer, this.name, encodeMetadataMessage({ type: 'reject', piece }))
        return 'read'
      case 'reject':
        if (peer.askedPieces.delete(piece)) this.#receiver.onRejected(peer, piece)
        return 'read'
      case 'data': {
        if (!peer.askedPieces.delete(piece)) return 'malformed'
        if (message.bytes.length !== lengthOf(piece, peer.metadataSize ?? 0)) return 'malformed'
        peer.wasUseful = true
        this.#receiver.onPiece(peer, piece, message.bytes)
        return 'read'
      }
    }
  }
}

function lengthOf(piece: number, size: number): number {
  return Math.min(METADATA_PIECE_LENGTH, size - piece * METADATA_PIECE_LENGTH)
}
