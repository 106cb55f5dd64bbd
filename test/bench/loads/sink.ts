import { Bitfield } from '../../../src/base/bitfield.js'
import { uint32 } from '../../../src/protocol/peer/dispatch.js'
import { PeerEncoder } from '../../../src/protocol/peer/encoder.js'
import { encodeHandshake, HANDSHAKE_LENGTH } from '../../../src/protocol/peer/handshake.js'
import { MessageId } from '../../../src/protocol/peer/messages.js'
import { RunError } from '../measuring/run-error.js'
import type { RequestTable } from './request-table.js'

/** Blocks that are asked for at a time, and how many are asked for in one go. */
const WINDOW = 512
const BATCH = WINDOW / 4

const HEADER_LENGTH = 5
const BLOCK_FIELDS = 8
const NOTHING = new Uint8Array(0)

/**
 * A leecher that throws everything away: it costs next to nothing beside the seeder. Of each block only the header is looked
 * at. Bytes in, requests out; it knows no socket.
 */
export class Sink {
  readonly handshake: Uint8Array
  readonly interested: Uint8Array
  /** Blocks that have come. */
  blocks = 0
  bytes = 0
  /** The other's handshake has come. */
  isGreeted = false
  isUnchoked = false
  readonly #table: RequestTable
  readonly #received: Bitfield
  readonly #header = new Uint8Array(HEADER_LENGTH + BLOCK_FIELDS)
  #headerLength = 0
  #headerNeeded = HEADER_LENGTH
  /** Bytes of the handshake or a message that are of no interest. */
  #skip = HANDSHAKE_LENGTH
  /** The place of the block that is asked for next. */
  #next: number
  #waiting = 0

  /**
   * @param infoHash 20 bytes
   * @param start the block in the table from which it begins, so that many sinks do not all ask for the same
   */
  constructor(table: RequestTable, infoHash: Uint8Array, name: string, start = 0) {
    const encoder = new PeerEncoder(() => {})
    encoder.interested()
    this.interested = encoder.take()
    this.handshake = encodeHandshake({
      infoHash,
      peerId: new TextEncoder().encode(`-XX0000-${name.padStart(12, '0')}`),
      features: { fast: false, extensions: false, v2: false },
    })
    this.#table = table
    this.#received = new Bitfield(table.blockCount)
    this.#next = start
  }

  take(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length; ) {
      const skipped = Math.min(this.#skip, bytes.length - at)
      this.#skip -= skipped
      if (this.#skip === 0) this.isGreeted = true
      at += skipped
      if (at < bytes.length) this.#takeHeaderByte(bytes[at++] ?? 0)
    }
  }

  /** The requests that are due now; none while choked. */
  nextRequests(): Uint8Array {
    const lacking = this.#table.blockCount - this.blocks - this.#waiting
    const wanted = Math.min(WINDOW - this.#waiting, lacking)
    if (!this.isUnchoked || wanted <= 0 || (wanted < BATCH && wanted < lacking)) return NOTHING
    // Blocks that came before a choke are stepped over; the rest of a run is asked for in one slice.
    while (this.#received.has(this.#next)) this.#next = this.#after(this.#next)
    const start = this.#next
    let count = 0
    for (let at = start; count < wanted && at < this.#table.blockCount && !this.#received.has(at); at++)
      count++
    this.#next = this.#after(start + count - 1)
    this.#waiting += count
    return this.#table.requests(start, count)
  }

  #after(place: number): number {
    return place + 1 === this.#table.blockCount ? 0 : place + 1
  }

  #takeHeaderByte(byte: number): void {
    this.#header[this.#headerLength++] = byte
    if (this.#headerLength < 4) return
    const length = uint32(this.#header, 0)
    if (this.#headerLength === 4 && length === 0) this.#headerLength = 0
    if (this.#headerLength < this.#headerNeeded) return
    const id = this.#header[4]
    if (id === MessageId.piece && this.#headerNeeded === HEADER_LENGTH) {
      this.#headerNeeded += BLOCK_FIELDS
      return
    }
    this.#skip = length + 4 - this.#headerNeeded
    this.#headerLength = 0
    this.#headerNeeded = HEADER_LENGTH
    if (id === MessageId.piece) this.#onBlock(this.#skip)
    else if (id === MessageId.unchoke) this.isUnchoked = true
    else if (id === MessageId.choke) this.#onChoke()
  }

  #onBlock(length: number): void {
    const place = this.#table.placeOf(uint32(this.#header, 5), uint32(this.#header, 9), length)
    if (place === undefined) throw new RunError('failed', 'a block that was never asked for')
    if (this.#waiting > 0) this.#waiting--
    if (!this.#received.add(place)) return
    this.blocks++
    this.bytes += length
  }

  /**
   * Without the fast extension a choke drops all requests (BEP 3). They are made anew after the next unchoke: requests go
   * round in a ring, and what has not come is found there.
   */
  #onChoke(): void {
    this.isUnchoked = false
    this.#waiting = 0
  }
}
