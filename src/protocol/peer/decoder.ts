// BEP 3: the stream of a peer, from bytes to messages, as a state machine that keeps nothing but a message in parts.

import { CodedError } from '../../base/errors.js'
import { dispatchMessage, isKnownMessage, uint32 } from './dispatch.js'
import { decodeHandshake, HANDSHAKE_LENGTH, type Handshake, isHandshakeStart } from './handshake.js'
import { giveBack, hold } from './held-bytes.js'
import { isLengthAllowed, MessageId, type PeerMessages } from './messages.js'

interface WireFacts {
  readonly 'bad-handshake': object
  /** The length that a message of this type cannot have. */
  readonly 'bad-length': { readonly id: number; readonly length: number }
}

export type WireErrorCode = keyof WireFacts

/** The peer broke the protocol; its connection ends. */
export class WireError<Code extends WireErrorCode = WireErrorCode> extends CodedError<
  Code,
  WireFacts[Code]
> {}

/** The destination of blocks, whose bytes are copied once. */
interface BlockSink {
  /**
   * A block begins. Returns the offset of its bytes in the owner's memory, `SKIP` if it is not wanted, or `WAIT` if there is no room
   * for it now: then decoding stops before the block until `resume`.
   */
  beginBlock(piece: number, offset: number, length: number): number
  /** The next bytes of the block, which belong at `at`; they may be overwritten afterwards. */
  blockBytes(bytes: Uint8Array, at: number): void
  /** All its bytes are in their place; not called for a skipped block. */
  endBlock(piece: number, offset: number, length: number): void
}

export const WAIT = -1
export const SKIP = -2

/** The owner of a decoder. */
export interface DecoderOwner extends BlockSink {
  /** The first thing to come. Undefined ends the decoding. */
  handshake(handshake: Handshake): DecodingListener | undefined
}

/** Receives the messages of a peer after its handshake. */
export interface DecodingListener {
  readonly messages: PeerMessages
  /** The number of pieces, which bounds messages; undefined while it is not known. */
  readonly pieceCount: number | undefined
}

type State = 'handshake' | 'header' | 'payload' | 'block-header' | 'block' | 'skip' | 'closed'

const HEADER_LENGTH = 5
const BLOCK_FIELDS = 8

export class PeerDecoder {
  /** Messages of which the header was read so far. */
  messageCount = 0
  readonly #owner: DecoderOwner
  #messages: PeerMessages | undefined
  #state: State = 'handshake'
  /** Bytes that are gathered: a handshake, a header or a whole message, never a block. */
  #gathered = new Uint8Array(HANDSHAKE_LENGTH)
  #gatheredLength = 0
  #needed = HANDSHAKE_LENGTH
  #pieceCount: number | undefined
  #messageId = 0
  #blockPiece = 0
  #blockOffset = 0
  #blockLength = 0
  /** Next byte of the block in the owner's memory. */
  #blockAt = 0
  #remaining = 0
  /** The bytes that followed a block for which there was no room. */
  #held: Uint8Array | undefined

  constructor(owner: DecoderOwner) {
    this.#owner = owner
  }

  /** True while a block waits for room: the socket must not be read. */
  get isWaiting(): boolean {
    return this.#held !== undefined
  }

  /** The block of which some bytes have come; undefined between blocks. */
  get openBlock(): { piece: number; offset: number; length: number } | undefined {
    if (this.#state !== 'block') return undefined
    return { piece: this.#blockPiece, offset: this.#blockOffset, length: this.#blockLength }
  }

  /** The rest of the open block is not wanted: it is skipped, and the block does not end. */
  skipBlock(): void {
    if (this.#state === 'block') this.#state = 'skip'
  }

  /** From the next message on another listener receives what comes. */
  hand({ messages, pieceCount }: DecodingListener): void {
    this.#messages = messages
    this.#pieceCount = pieceCount
  }

  /** Stops: nothing that is still in the bytes at hand is delivered. */
  close(): void {
    this.#state = 'closed'
    if (this.#held !== undefined) giveBack(this.#held)
    this.#held = undefined
  }

  /**
   * Takes bytes as they come; they may be overwritten afterwards.
   * @throws {WireError}
   */
  push(bytes: Uint8Array): void {
    const end = this.#decode(bytes)
    if (end < bytes.length && this.#state !== 'closed') this.#held = hold(bytes.subarray(end))
  }

  /**
   * There is room again: goes on with what was held back. Still waiting afterwards when that was not enough.
   * @throws {WireError}
   */
  resume(): void {
    const held = this.#held
    if (held === undefined) return
    this.#held = undefined
    if (!this.#beginBlock()) {
      this.#held = held
      return
    }
    const end = this.#decode(held)
    if (end < held.length && this.#state !== 'closed') this.#held = held.subarray(end)
    else giveBack(held)
  }

  /** Returns how many bytes were used: all, unless a block has to wait. */
  #decode(bytes: Uint8Array): number {
    let at = 0
    while (at < bytes.length) {
      switch (this.#state) {
        case 'closed':
          return bytes.length
        case 'block':
          at = this.#copyBlock(bytes, at)
          break
        case 'skip': {
          const skipped = Math.min(this.#remaining, bytes.length - at)
          this.#remaining -= skipped
          at += skipped
          if (this.#remaining === 0) this.#expectHeader()
          break
        }
        default:
          at = this.#gather(bytes, at)
          if (this.#gatheredLength === this.#needed && !this.#finishGathered()) return at
      }
    }
    return at
  }

  #gather(bytes: Uint8Array, at: number): number {
    const taken = Math.min(this.#needed - this.#gatheredLength, bytes.length - at)
    // Byte by byte for a few: `set` with a fresh view costs more.
    if (taken <= 16) {
      for (let i = 0; i < taken; i++) this.#gathered[this.#gatheredLength + i] = bytes[at + i] ?? 0
    } else {
      this.#gathered.set(bytes.subarray(at, at + taken), this.#gatheredLength)
    }
    this.#gatheredLength += taken
    if (this.#state === 'handshake' && !isHandshakeStart(this.#gathered.subarray(0, this.#gatheredLength))) {
      throw new WireError('bad-handshake', 'does not speak the BitTorrent protocol', {})
    }
    return at + taken
  }

  /** Handles a header or message that is complete now. False if a block has to wait for room. */
  #finishGathered(): boolean {
    switch (this.#state) {
      case 'handshake': {
        const handshake = decodeHandshake(this.#gathered)
        this.#expectHeader()
        const listener = this.#owner.handshake(handshake)
        if (listener === undefined) this.close()
        this.#messages = listener?.messages
        this.#pieceCount = listener?.pieceCount
        return true
      }
      case 'header':
        this.#readHeader()
        return true
      case 'block-header':
        this.#blockPiece = uint32(this.#gathered, 0)
        this.#blockOffset = uint32(this.#gathered, 4)
        return this.#beginBlock()
      case 'payload': {
        const id = this.#messageId
        const payload = this.#gathered.subarray(0, this.#needed)
        this.#expectHeader()
        this.#dispatch(id, payload)
        return true
      }
      default:
        return true
    }
  }

  #readHeader(): void {
    this.messageCount++
    const length = uint32(this.#gathered, 0)
    const id = this.#gathered[4] ?? 0
    if (length === 0) {
      // A keep-alive has no id: the fifth byte begins the next message.
      this.#gathered[0] = id
      this.#gatheredLength = 1
      this.#messages?.keepAlive()
      return
    }
    if (!isLengthAllowed(id, length, this.#pieceCount)) {
      throw new WireError('bad-length', `message ${id} with ${length} bytes`, { id, length })
    }
    this.#messageId = id
    if (id === MessageId.piece) {
      this.#blockLength = length - 9
      this.#expect('block-header', BLOCK_FIELDS)
    } else if (!isKnownMessage(id)) {
      this.#remaining = length - 1
      if (this.#remaining === 0) this.#expectHeader()
      else this.#state = 'skip'
    } else if (length === 1) {
      this.#expectHeader()
      this.#dispatch(id, this.#gathered.subarray(0, 0))
    } else {
      this.#expect('payload', length - 1)
    }
  }

  #beginBlock(): boolean {
    const at = this.#owner.beginBlock(this.#blockPiece, this.#blockOffset, this.#blockLength)
    if (at === WAIT) {
      this.#held ??= new Uint8Array(0)
      return false
    }
    if (this.#state === 'closed') return true
    this.#remaining = this.#blockLength
    this.#state = at === SKIP ? 'skip' : 'block'
    this.#blockAt = at
    return true
  }

  #copyBlock(bytes: Uint8Array, at: number): number {
    const taken = Math.min(this.#remaining, bytes.length - at)
    this.#owner.blockBytes(bytes.subarray(at, at + taken), this.#blockAt)
    this.#blockAt += taken
    this.#remaining -= taken
    if (this.#remaining === 0) {
      this.#expectHeader()
      this.#owner.endBlock(this.#blockPiece, this.#blockOffset, this.#blockLength)
    }
    return at + taken
  }

  #dispatch(id: number, payload: Uint8Array): void {
    if (this.#messages !== undefined) dispatchMessage(this.#messages, id, payload)
  }

  #expectHeader(): void {
    if (this.#gathered.length > 4096) this.#gathered = new Uint8Array(HANDSHAKE_LENGTH)
    this.#expect('header', HEADER_LENGTH)
  }

  #expect(state: State, needed: number): void {
    if (this.#state === 'closed') return
    this.#state = state
    this.#needed = needed
    this.#gatheredLength = 0
    if (this.#gathered.length < needed) this.#gathered = new Uint8Array(needed)
  }
}
