// BEP 3, 6, 10, 52: the messages of the peer wire, one method each. The encoder, the engine's peer and a simulated
// link all implement the same interface, so that a message means the same on a socket and in virtual time.

import { BLOCK_LENGTH } from '../metainfo/metainfo.js'
import { MAX_PIECES } from '../metainfo/reading/listing.js'
import { HASH_MESSAGE_LENGTH, type HashMessage } from './hash-messages.js'

/** All messages but the bytes of blocks, which take a shorter way (see `BlockSink`). */
export interface PeerMessages {
  keepAlive(): void
  choke(): void
  unchoke(): void
  interested(): void
  notInterested(): void
  have(piece: number): void
  /** As `Bitfield.bytes`; only valid during the call. */
  bitfield(bits: Uint8Array): void
  /** `offset` and `length` in bytes within the piece. */
  request(piece: number, offset: number, length: number): void
  cancel(piece: number, offset: number, length: number): void
  /** BEP 5: the UDP port of the peer's DHT node. */
  port(port: number): void
  /** BEP 6 */
  suggest(piece: number): void
  haveAll(): void
  haveNone(): void
  reject(piece: number, offset: number, length: number): void
  allowedFast(piece: number): void
  /** BEP 10; the payload is only valid during the call. */
  extended(id: number, payload: Uint8Array): void
  /** BEP 52 */
  hashRequest(request: HashMessage): void
  /** `hashes`: 32 bytes each, from the base layer to the uncle closest to the root; only valid during the call. */
  hashes(request: HashMessage, hashes: Uint8Array): void
  hashReject(request: HashMessage): void
}

/** Message ids. */
export const MessageId = {
  choke: 0,
  unchoke: 1,
  interested: 2,
  notInterested: 3,
  have: 4,
  bitfield: 5,
  request: 6,
  piece: 7,
  cancel: 8,
  port: 9,
  suggest: 13,
  haveAll: 14,
  haveNone: 15,
  reject: 16,
  allowedFast: 17,
  extended: 20,
  hashRequest: 21,
  hashes: 22,
  hashReject: 23,
} as const

/** Bytes before a block in a `piece` message: length, id, piece, offset. */
export const BLOCK_HEADER_LENGTH = 13

/** Largest payload of an extended message that is read: a piece of metadata (BEP 9) with room to spare. */
const MAX_EXTENDED_LENGTH = 128 * 1024

/** Bytes of the largest bitfield where the number of pieces is not known: of as many pieces as a torrent may have. */
const MAX_UNCOUNTED_BITFIELD = MAX_PIECES / 8

/** Hashes in one answer: 512 as BEP 52 advises, and an uncle from each layer up to the root. */
const MAX_HASHES = 512 + 64

/**
 * True if a message of this id may have this length (its id included), so that nothing is read, and no memory allocated, for an
 * invalid one. Messages with unknown ids are skipped within a bound, as extensions of BEP 3 need.
 * @param pieceCount undefined while the metainfo is missing
 */
export function isLengthAllowed(id: number, length: number, pieceCount: number | undefined): boolean {
  switch (id) {
    case MessageId.choke:
    case MessageId.unchoke:
    case MessageId.interested:
    case MessageId.notInterested:
    case MessageId.haveAll:
    case MessageId.haveNone:
      return length === 1
    case MessageId.have:
    case MessageId.suggest:
    case MessageId.allowedFast:
      return length === 5
    case MessageId.request:
    case MessageId.cancel:
    case MessageId.reject:
      return length === 13
    case MessageId.piece:
      return length > 9 && length <= 9 + BLOCK_LENGTH
    case MessageId.port:
      return length === 3
    case MessageId.bitfield:
      if (pieceCount === undefined) return length > 1 && length <= 1 + MAX_UNCOUNTED_BITFIELD
      return length === 1 + Math.ceil(pieceCount / 8)
    case MessageId.extended:
      return length >= 2 && length <= 2 + MAX_EXTENDED_LENGTH
    case MessageId.hashRequest:
    case MessageId.hashReject:
      return length === 1 + HASH_MESSAGE_LENGTH
    case MessageId.hashes: {
      const hashes = length - 1 - HASH_MESSAGE_LENGTH
      return hashes >= 0 && hashes % 32 === 0 && hashes <= 32 * MAX_HASHES
    }
    default:
      return length <= MAX_EXTENDED_LENGTH
  }
}
