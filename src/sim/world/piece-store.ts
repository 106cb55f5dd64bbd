import { Bitfield } from '../../base/bitfield.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'

/** Bytes of a block's digest. */
const DIGEST_LENGTH = 32

/** The content that a host has: blocks are only counted, as good or bad. */
export class PieceStore {
  /** Pieces of which every block is good and hashed: the truth that the engine is checked against. */
  readonly verified: Bitfield
  readonly #map: PieceMap
  readonly #blocks: Uint16Array
  /** The bad blocks of the pieces that have some. */
  readonly #bad = new Map<number, number[]>()
  #begun = 0

  constructor(map: PieceMap, isSeed: boolean) {
    this.#map = map
    this.verified = isSeed ? Bitfield.full(map.pieceCount) : new Bitfield(map.pieceCount)
    this.#blocks = new Uint16Array(isSeed ? 0 : map.pieceCount)
  }

  /** Pieces of which some blocks are here, but not all. */
  get begun(): number {
    return this.#begun
  }

  /** Stores a block; true where it was the last of its piece. */
  place(piece: number, block: number, isGood: boolean): boolean {
    const blocks = (this.#blocks[piece] ?? 0) + 1
    if (blocks === 1) this.#begun++
    this.#blocks[piece] = blocks
    if (!isGood) this.#bad.set(piece, [...(this.#bad.get(piece) ?? []), block])
    if (blocks < this.#map.blockCount(piece)) return false
    this.#begun--
    return true
  }

  /** Hashes a complete piece; true where it is good. */
  hash(piece: number): boolean {
    const isGood = !this.#bad.has(piece)
    if (isGood) this.verified.add(piece)
    return isGood
  }

  discard(piece: number): void {
    const blocks = this.#blocks[piece] ?? 0
    if (blocks > 0 && blocks < this.#map.blockCount(piece)) this.#begun--
    this.#blocks[piece] = 0
    this.#bad.delete(piece)
  }

  /** A digest of each block: the digests of a good block and a bad one differ. */
  digests(piece: number): Uint8Array {
    const digests = new Uint8Array(DIGEST_LENGTH * this.#map.blockCount(piece))
    for (const block of this.#bad.get(piece) ?? []) digests[DIGEST_LENGTH * block] = 1
    return digests
  }
}
