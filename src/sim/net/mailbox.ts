import { unreachable } from '../../base/errors.js'
import { BLOCK_LENGTH } from '../../protocol/metainfo/metainfo.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import { MessageId, type PeerMessages } from '../../protocol/peer/messages.js'

type Id = (typeof MessageId)[keyof typeof MessageId]

/** Enough for every id; the rest of 32 bits is enough for the blocks of two terabytes. */
const ID_BITS = 5
const ID_MASK = 2 ** ID_BITS - 1

/** Bytes of a message: its length, its id, and a number of 32-bit integers. */
const bytesOf = (numbers: number) => 5 + 4 * numbers

/**
 * The messages from one engine to another, each packed into a whole number, since there are millions. Messages that a v1 swarm
 * without a DHT never sends are not carried.
 */
export abstract class Mailbox implements PeerMessages {
  protected readonly map: PieceMap
  readonly #blocksPerPiece: number

  constructor(map: PieceMap) {
    this.map = map
    this.#blocksPerPiece = map.pieceLength / BLOCK_LENGTH
  }

  /** Whether the connection can still carry messages. */
  protected abstract get maySay(): boolean

  /** Sends a message; `bytes` is its length on a real connection. */
  protected abstract carry(message: number, bytes: number, payload: Uint8Array | undefined): void

  /** The number of a block within the torrent. */
  protected numberOf(piece: number, offset: number): number {
    return piece * this.#blocksPerPiece + offset / BLOCK_LENGTH
  }

  protected pieceOf(blockNumber: number): number {
    return Math.floor(blockNumber / this.#blocksPerPiece)
  }

  protected offsetOf(blockNumber: number): number {
    return (blockNumber % this.#blocksPerPiece) * BLOCK_LENGTH
  }

  /** Calls the method of `listener` for a message. */
  protected tell(listener: PeerMessages, message: number, payload: Uint8Array): void {
    const id = (message & ID_MASK) as Id
    const argument = message >>> ID_BITS
    switch (id) {
      case MessageId.have:
        listener.have(argument)
        break
      case MessageId.request:
      case MessageId.cancel:
      case MessageId.reject:
        this.#tellOfBlock(listener, id, argument)
        break
      case MessageId.choke:
        listener.choke()
        break
      case MessageId.unchoke:
        listener.unchoke()
        break
      case MessageId.interested:
        listener.interested()
        break
      case MessageId.notInterested:
        listener.notInterested()
        break
      case MessageId.bitfield:
        listener.bitfield(payload)
        break
      case MessageId.haveAll:
        listener.haveAll()
        break
      case MessageId.haveNone:
        listener.haveNone()
        break
      case MessageId.allowedFast:
        listener.allowedFast(argument)
        break
      case MessageId.suggest:
        listener.suggest(argument)
        break
      case MessageId.extended:
        listener.extended(argument, payload)
        break
      case MessageId.piece:
      case MessageId.port:
      case MessageId.hashRequest:
      case MessageId.hashes:
      case MessageId.hashReject:
        break
      default:
        unreachable(id)
    }
  }

  #tellOfBlock(listener: PeerMessages, id: Id, blockNumber: number): void {
    const piece = this.pieceOf(blockNumber)
    const offset = this.offsetOf(blockNumber)
    const length = this.map.blockLength(piece, offset / BLOCK_LENGTH)
    if (id === MessageId.request) listener.request(piece, offset, length)
    else if (id === MessageId.cancel) listener.cancel(piece, offset, length)
    else listener.reject(piece, offset, length)
  }

  #say(id: Id, argument: number, bytes: number, payload?: Uint8Array): void {
    if (!this.maySay) return
    this.carry((argument << ID_BITS) | id, bytes, payload?.slice())
  }

  choke(): void {
    this.#say(MessageId.choke, 0, bytesOf(0))
  }

  unchoke(): void {
    this.#say(MessageId.unchoke, 0, bytesOf(0))
  }

  interested(): void {
    this.#say(MessageId.interested, 0, bytesOf(0))
  }

  notInterested(): void {
    this.#say(MessageId.notInterested, 0, bytesOf(0))
  }

  have(piece: number): void {
    this.#say(MessageId.have, piece, bytesOf(1))
  }

  bitfield(bits: Uint8Array): void {
    this.#say(MessageId.bitfield, 0, bytesOf(0) + bits.length, bits)
  }

  request(piece: number, offset: number, _length: number): void {
    this.#say(MessageId.request, this.numberOf(piece, offset), bytesOf(3))
  }

  cancel(piece: number, offset: number, _length: number): void {
    this.#say(MessageId.cancel, this.numberOf(piece, offset), bytesOf(3))
  }

  reject(piece: number, offset: number, _length: number): void {
    this.#say(MessageId.reject, this.numberOf(piece, offset), bytesOf(3))
  }

  haveAll(): void {
    this.#say(MessageId.haveAll, 0, bytesOf(0))
  }

  haveNone(): void {
    this.#say(MessageId.haveNone, 0, bytesOf(0))
  }

  allowedFast(piece: number): void {
    this.#say(MessageId.allowedFast, piece, bytesOf(1))
  }

  suggest(piece: number): void {
    this.#say(MessageId.suggest, piece, bytesOf(1))
  }

  extended(id: number, payload: Uint8Array): void {
    this.#say(MessageId.extended, id, bytesOf(0) + 1 + payload.length, payload)
  }

  keepAlive(): void {}
  port(): void {}
  hashRequest(): void {}
  hashes(): void {}
  hashReject(): void {}
}
