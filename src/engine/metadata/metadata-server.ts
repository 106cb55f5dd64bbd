// BEP 9: the metadata, for peers that have none.

import {
  decodeMetadataMessage,
  encodeMetadataMessage,
  METADATA_PIECE_LENGTH,
} from '../../protocol/peer/metadata-message.js'
import { Allowance } from '../allowance.js'
import { type Extension, sendExtended } from '../extensions/extension.js'
import type { Peer } from '../peer.js'

/** Requests that wait for one peer; further ones are rejected. */
const MAX_WAITING = 64

/** Copies of the metadata that a peer may have at once, and pieces beyond them; then one piece each `PIECE_MS`. */
const COPIES_AT_ONCE = 2
const PIECES_AT_ONCE = 32
const PIECE_MS = 1_000

/** A peer that asks, or was asked. */
interface Client {
  /** Pieces that it was asked for before the metadata was here, and may still send. */
  due: number
  readonly waiting: number[]
  readonly allowance: Allowance
}

/** Answers requests for pieces of the metadata, as fast as the peer reads them and no more often than it needs them. */
export class MetadataServer implements Extension<Peer> {
  readonly name = 'ut_metadata'
  readonly isOffered = true
  readonly #owner: { readonly now: number }
  readonly #metadata: Uint8Array
  readonly #clients = new Map<Peer, Client>()

  /** @param metadata the bytes that the info hash covers */
  constructor(owner: { readonly now: number }, metadata: Uint8Array) {
    this.#owner = owner
    this.#metadata = metadata
  }

  onMessage(peer: Peer, payload: Uint8Array): 'read' | 'malformed' {
    const message = decodeMetadataMessage(payload)
    if (message === undefined) return 'malformed'
    if (message === 'unknown' || message.type === 'reject') return 'read'
    if (message.type === 'data') return this.#isDue(peer) ? 'read' : 'malformed'
    const { piece } = message
    const client = this.#clientOf(peer)
    if (
      piece < this.#pieceCount &&
      client.waiting.length < MAX_WAITING &&
      client.allowance.take(this.#owner.now)
    ) {
      client.waiting.push(piece)
      peer.link.uploadsWaiting()
    } else if (peer.mayBeRefused()) {
      sendExtended(peer, this.name, encodeMetadataMessage({ type: 'reject', piece }))
    }
    return 'read'
  }

  onRemoved(peer: Peer): void {
    this.#clients.delete(peer)
  }

  /** @param pieces those that a peer was asked for before the metadata was here, and that have not come */
  wasAsked(peer: Peer, pieces: number): void {
    if (pieces > 0) this.#clientOf(peer).due = pieces
  }

  /** Bytes of the piece that the peer waits for; 0 where it waits for none. */
  waitingBytes(peer: Peer): number {
    const piece = this.#clients.get(peer)?.waiting[0]
    return piece === undefined ? 0 : this.#piece(piece).length
  }

  /** Sends the piece that the peer waits for. */
  sendNext(peer: Peer): void {
    const piece = this.#clients.get(peer)?.waiting.shift()
    if (piece === undefined) return
    const totalSize = this.#metadata.length
    const message = encodeMetadataMessage({ type: 'data', piece, totalSize, bytes: this.#piece(piece) })
    sendExtended(peer, this.name, message)
  }

  /** Whether a piece that comes was requested; nothing is any more. */
  #isDue(peer: Peer): boolean {
    const client = this.#clients.get(peer)
    if (client === undefined || client.due === 0) return false
    client.due--
    return true
  }

  get #pieceCount(): number {
    return Math.ceil(this.#metadata.length / METADATA_PIECE_LENGTH)
  }

  #piece(piece: number): Uint8Array {
    return this.#metadata.subarray(piece * METADATA_PIECE_LENGTH, (piece + 1) * METADATA_PIECE_LENGTH)
  }

  #clientOf(peer: Peer): Client {
    let client = this.#clients.get(peer)
    if (client === undefined) {
      const burst = COPIES_AT_ONCE * this.#pieceCount + PIECES_AT_ONCE
      client = { due: 0, waiting: [], allowance: new Allowance(burst, PIECE_MS) }
      this.#clients.set(peer, client)
    }
    return client
  }
}
