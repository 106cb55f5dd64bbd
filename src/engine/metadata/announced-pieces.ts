// The pieces that a peer announces (BEP 3, 6) before the metainfo says how many there are.

import type { PeerMessages } from '../../protocol/peer/messages.js'

/** The most that is kept of all peers of a torrent, in bytes: 40 KiB of each of 200 peers, enough for 330,000 pieces. */
export const MAX_ANNOUNCED_BYTES = 8 * 2 ** 20

/** A bitfield that grows piece by piece begins with this many bytes. */
const FIRST_BYTES = 64

/** A message of a peer, said again to what takes its place. */
export type RepeatedMessage = (peer: PeerMessages) => void

/** Bytes that the peers of a torrent have left for what they announce. */
export class AnnouncedMemory {
  #left = MAX_ANNOUNCED_BYTES

  /** Takes that many more where there is room for them. False where there is none. */
  take(bytes: number): boolean {
    if (bytes > this.#left) return false
    this.#left -= bytes
    return true
  }

  giveBack(bytes: number): void {
    this.#left += bytes
  }
}

/** The pieces of one peer, to be told to the engine once the number of pieces is known. */
export class AnnouncedPieces {
  readonly #memory: AnnouncedMemory
  /** The opening message that has come. */
  #opening: 'none yet' | 'bitfield' | 'all' | 'none' = 'none yet'
  /** Bits of the pieces, as in a `bitfield` message; those behind the end are not set. */
  #bits = new Uint8Array(0)
  /** Of the first `bitfield`, in bytes. */
  #openingLength = 0
  /** There was no room for all that it announced. */
  #isIncomplete = false

  constructor(memory: AnnouncedMemory) {
    this.#memory = memory
  }

  have(piece: number): void {
    if (this.#opening === 'all' || !this.#grow((piece >>> 3) + 1)) return
    const at = piece >>> 3
    this.#bits[at] = (this.#bits[at] ?? 0) | (0x80 >>> (piece & 7))
  }

  /** As `PeerMessages.bitfield`. */
  bitfield(bits: Uint8Array): void {
    if (this.#opening === 'all' || !this.#grow(bits.length)) return
    for (const [at, byte] of bits.entries()) if (byte !== 0) this.#bits[at] = (this.#bits[at] ?? 0) | byte
    if (this.#opening !== 'none yet') return
    this.#opening = 'bitfield'
    this.#openingLength = bits.length
  }

  haveAll(): void {
    this.release()
    this.#opening = 'all'
    this.#isIncomplete = false
  }

  haveNone(): void {
    if (this.#opening === 'none yet') this.#opening = 'none'
  }

  /** Whether all of it is known, and a torrent of that many pieces can have it. */
  fits(pieceCount: number): boolean {
    if (this.#isIncomplete) return false
    const bytes = Math.ceil(pieceCount / 8)
    if (this.#opening === 'bitfield' && this.#openingLength !== bytes) return false
    const spare = bytes * 8 - pieceCount
    if (((this.#bits[bytes - 1] ?? 0) & ((1 << spare) - 1)) !== 0) return false
    return this.#bits.subarray(bytes).every(byte => byte === 0)
  }

  /** The messages that say all of it, where it `fits`. */
  *messages(pieceCount: number): Iterable<RepeatedMessage> {
    if (this.#opening === 'all') yield peer => peer.haveAll()
    if (this.#opening === 'none') yield peer => peer.haveNone()
    if (this.#opening === 'bitfield') {
      const bits = new Uint8Array(Math.ceil(pieceCount / 8))
      bits.set(this.#bits.subarray(0, bits.length))
      yield peer => peer.bitfield(bits)
      return
    }
    for (const [at, byte] of this.#bits.entries()) {
      for (let bit = 0; byte !== 0 && bit < 8; bit++)
        if ((byte & (0x80 >>> bit)) !== 0) yield peer => peer.have(at * 8 + bit)
    }
  }

  /** Forgets the pieces, and gives their memory back. */
  release(): void {
    this.#memory.giveBack(this.#bits.length)
    this.#bits = new Uint8Array(0)
  }

  /** Makes room for bits; false where there is none. */
  #grow(length: number): boolean {
    const { length: had } = this.#bits
    if (length <= had) return true
    if (this.#isIncomplete) return false
    const wanted = Math.max(length, 2 * had, FIRST_BYTES)
    if (!this.#memory.take(wanted - had)) {
      this.#isIncomplete = true
      this.release()
      return false
    }
    const bits = new Uint8Array(wanted)
    bits.set(this.#bits)
    this.#bits = bits
    return true
  }
}
