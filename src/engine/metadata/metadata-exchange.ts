// BEP 9: pieces of the metadata, as a peer that has none asks for them.

import type { ExtensionHandshake } from '../../protocol/peer/extension-handshake.js'
import {
  decodeMetadataMessage,
  encodeMetadataMessage,
  METADATA_PIECE_LENGTH,
} from '../../protocol/peer/metadata-message.js'
import { type Extension, sendExtended } from '../extensions/extension.js'
import type { MetadataPeer } from './metadata-peer.js'

/** A peer that states no size is asked for the first piece this often, in ms: it may have got the metadata meanwhile. */
const PROBE_MS = 30_000

/** The largest size that is passed on. */
const MAX_STATED_SIZE = 100 * 2 ** 20

/** Puts the metadata together. */
export interface MetadataReceiver {
  /** A peer has the metadata, and says how many bytes they are, 1 to 100 MiB: `ask` may be called for it. Once for each peer. */
  onOffer(peer: MetadataPeer, size: number): void
  /** A requested piece, of the right length; the bytes are only valid during the call. */
  onPiece(peer: MetadataPeer, piece: number, bytes: Uint8Array): void
  /** A peer does not send a piece that was requested from it. */
  onRejected(peer: MetadataPeer, piece: number): void
  onRemoved(peer: MetadataPeer): void
  onSecond(): void
}

interface MetadataExchangeOwner {
  readonly now: number
  readonly peers: ReadonlySet<MetadataPeer>
}

/** Requests pieces of the metadata from peers, and passes on only those that were requested. */
export class MetadataExchange implements Extension<MetadataPeer> {
  readonly name = 'ut_metadata'
  readonly isOffered = true
  readonly #owner: MetadataExchangeOwner
  readonly #receiver: MetadataReceiver

  constructor(owner: MetadataExchangeOwner, receiver: MetadataReceiver) {
    this.#owner = owner
    this.#receiver = receiver
  }

  /** Asks a peer that has offered the metadata for one piece. */
  ask(peer: MetadataPeer, piece: number): void {
    peer.askedPieces.set(piece, this.#owner.now)
    sendExtended(peer, this.name, encodeMetadataMessage({ type: 'request', piece }))
  }

  /** The first size that a peer states counts. */
  onHandshake(peer: MetadataPeer, { metadataSize }: ExtensionHandshake): void {
    if (metadataSize !== undefined && peer.extensionIds.has(this.name)) this.#offered(peer, metadataSize)
  }

  onRemoved(peer: MetadataPeer): void {
    this.#receiver.onRemoved(peer)
  }

  onSecond(now: number): void {
    for (const peer of this.#owner.peers) {
      if (peer.metadataSize !== undefined || !peer.extensionIds.has(this.name)) continue
      if (now - peer.probedAt < PROBE_MS || peer.askedPieces.size > 0) continue
      peer.probedAt = now
      this.ask(peer, 0)
    }
    this.#receiver.onSecond()
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
        const size = peer.metadataSize ?? message.totalSize
        if (size > MAX_STATED_SIZE || message.bytes.length !== lengthOf(piece, size)) return 'malformed'
        peer.wasUseful = true
        this.#offered(peer, size)
        this.#receiver.onPiece(peer, piece, message.bytes)
        return 'read'
      }
    }
  }

  #offered(peer: MetadataPeer, size: number): void {
    if (peer.metadataSize !== undefined) return
    peer.metadataSize = size
    this.#receiver.onOffer(peer, size)
  }
}

function lengthOf(piece: number, size: number): number {
  return Math.min(METADATA_PIECE_LENGTH, size - piece * METADATA_PIECE_LENGTH)
}
