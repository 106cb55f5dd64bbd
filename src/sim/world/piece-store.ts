import { Bitfield } from '../../base/bitfield.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'

/** Bytes of a block's digest. */
const DIGEST_LENGTH = 32

/** What a host has of the content: blocks are only counted, and good or bad. */
export class PieceStore {
  /** Pieces of which every block is good and hashed: the truth that the engine is measured by. */
  readonly verified: Bitfield
  readonly #map: PieceMap
  readonly #blocks: Uint16Array
  /** Of the pieces that have some: the bad blocks. */
  readonly #bad = new Map<number, number[]>()
  #begun = 0

  constructor(map: PieceMap, isSeed: boolean) {
    this.#map = map
    this.verified = isSeed ? Bitfield.full(map.pieceCount) : new Bitfield(map.pieceCount)
    this.#blocks = new Uint16Array(isSeed ? 0 : map.pieceCount)
  }

  /** Pieces of which some blocks are here, and not all. */
  get begun(): number {
    return this.#begun
  }

  /** A block is in its place; true where it was the last of its piece. */
  place(piece: number, block: number, isGood: boolean): boolean {
    const blocks = (this.#blocks[piece] ?? 0) + 1
    if (blocks === 1) this.#begun++
    this.#blocks[piece] = blocks
    if (!isGood) this.#bad.set(piece, [...(this.#bad.get(piece) ?? []), block])
    if (blocks < this.#map.blockCount(piece)) return false
    this.#begun--
    return true
  }

  /** A complete piece was hashed; true where it is good. */
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

  /** A digest of each block: they differ where a good block and a bad one do. */
  digests(piece: number): Uint8Array {
    const digests = new Uint8Array(DIGEST_LENGTH * this.#map.blockCount(piece))
    for (const block of this.#bad.get(piece) ?? []) digests[DIGEST_LENGTH * block] = 1
    return digests
  }
}
