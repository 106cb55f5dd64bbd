// BEP 3, 6, 10, 52: messages of the peer wire as bytes.

import { HASH_MESSAGE_LENGTH, type HashMessage, writeHashMessage } from './hash-messages.js'
import { MessageId, type PeerMessages } from './messages.js'

const SLAB_LENGTH = 16 * 1024

/**
 * Writes messages one behind the other. `take` hands out what was written since the last time; the bytes are never
 * written again, so that they can wait in a socket's queue.
 */
export class PeerEncoder implements PeerMessages {
  #slab = new Uint8Array(0)
  #view = new DataView(this.#slab.buffer)
  #start = 0
  #end = 0
  readonly #onPending: () => void

  /** @param onPending called before something is written while nothing is pending; it may write what goes first */
  constructor(onPending: () => void) {
    this.#onPending = onPending
  }

  /** Bytes written and not yet taken. */
  get pending(): number {
    return this.#end - this.#start
  }

  take(): Uint8Array {
    const taken = this.#slab.subarray(this.#start, this.#end)
    this.#start = this.#end
    return taken
  }

  keepAlive(): void {
    const at = this.#reserve(4)
    this.#view.setUint32(at, 0)
  }

  choke(): void {
    this.#head(MessageId.choke, 0)
  }

  unchoke(): void {
    this.#head(MessageId.unchoke, 0)
  }

  interested(): void {
    this.#head(MessageId.interested, 0)
  }

  notInterested(): void {
    this.#head(MessageId.notInterested, 0)
  }

  haveAll(): void {
    this.#head(MessageId.haveAll, 0)
  }

  haveNone(): void {
    this.#head(MessageId.haveNone, 0)
  }

  have(piece: number): void {
    this.#pieceMessage(MessageId.have, piece)
  }

  suggest(piece: number): void {
    this.#pieceMessage(MessageId.suggest, piece)
  }

  allowedFast(piece: number): void {
    this.#pieceMessage(MessageId.allowedFast, piece)
  }

  bitfield(bits: Uint8Array): void {
    const at = this.#head(MessageId.bitfield, bits.length)
    this.#slab.set(bits, at)
  }

  request(piece: number, offset: number, length: number): void {
    this.#blockMessage(MessageId.request, piece, offset, length)
  }

  cancel(piece: number, offset: number, length: number): void {
    this.#blockMessage(MessageId.cancel, piece, offset, length)
  }

  reject(piece: number, offset: number, length: number): void {
    this.#blockMessage(MessageId.reject, piece, offset, length)
  }

  port(port: number): void {
    const at = this.#head(MessageId.port, 2)
    this.#view.setUint16(at, port)
  }

  extended(id: number, payload: Uint8Array): void {
    const at = this.#head(MessageId.extended, 1 + payload.length)
    this.#view.setUint8(at, id)
    this.#slab.set(payload, at + 1)
  }

  hashRequest(request: HashMessage): void {
    const at = this.#head(MessageId.hashRequest, HASH_MESSAGE_LENGTH)
    writeHashMessage(this.#slab, at, request)
  }

  hashes(request: HashMessage, hashes: Uint8Array): void {
    const at = this.#head(MessageId.hashes, HASH_MESSAGE_LENGTH + hashes.length)
    writeHashMessage(this.#slab, at, request)
    this.#slab.set(hashes, at + HASH_MESSAGE_LENGTH)
  }

  hashReject(request: HashMessage): void {
    const at = this.#head(MessageId.hashReject, HASH_MESSAGE_LENGTH)
    writeHashMessage(this.#slab, at, request)
  }

  /** Writes length and id, and returns the offset for a payload of `payloadLength` bytes. */
  #head(id: number, payloadLength: number): number {
    const at = this.#reserve(5 + payloadLength)
    this.#view.setUint32(at, 1 + payloadLength)
    this.#view.setUint8(at + 4, id)
    return at + 5
  }

  #pieceMessage(id: number, piece: number): void {
    const at = this.#head(id, 4)
    this.#view.setUint32(at, piece)
  }

  #blockMessage(id: number, piece: number, offset: number, length: number): void {
    const at = this.#head(id, 12)
    this.#view.setUint32(at, piece)
    this.#view.setUint32(at + 4, offset)
    this.#view.setUint32(at + 8, length)
  }

  /** Makes room for `length` bytes behind what is pending, perhaps in a new slab: read `#slab` and `#view` after it. */
  #reserve(length: number): number {
    if (this.#end === this.#start) this.#onPending()
    if (this.#end + length > this.#slab.length) {
      const pending = this.take()
      const slab = new Uint8Array(Math.max(SLAB_LENGTH, 2 * (pending.length + length)))
      slab.set(pending)
      this.#slab = slab
      this.#view = new DataView(slab.buffer)
      this.#start = 0
      this.#end = pending.length
    }
    const at = this.#end
    this.#end += length
    return at
  }
}

/** Writes the 13 bytes that stand before those of a block; `length` is that of the block. */
export function writeBlockHeader(
  view: DataView,
  at: number,
  piece: number,
  offset: number,
  length: number,
): void {
  view.setUint32(at, 9 + length)
  view.setUint8(at + 4, MessageId.piece)
  view.setUint32(at + 5, piece)
  view.setUint32(at + 9, offset)
}
