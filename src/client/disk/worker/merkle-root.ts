// BEP 52: the root over the leaves of one piece.

import { hash } from 'node:crypto'
import { HASH_LENGTH, padHash } from '../../../protocol/merkle.js'
import { BLOCK_LENGTH } from '../../../protocol/metainfo/metainfo.js'
import type { PieceMap } from '../../../protocol/metainfo/piece-map.js'
import { nodeDigests } from '../../digests.js'

/** The leaves of one piece, hashed in any order. The memory is made once and used for piece after piece. */
export class PieceLeaves {
  readonly #map: PieceMap
  #leaves = Buffer.alloc(0)

  constructor(map: PieceMap) {
    this.#map = map
  }

  /** Hashes the blocks of `piece` that `bytes` holds, from `offset` within the piece on; pads are no leaves. */
  add(piece: number, offset: number, bytes: Uint8Array): void {
    this.#reserve(piece)
    const end = Math.min(bytes.length, this.#map.dataSize(piece) - offset)
    for (let at = 0; at < end; at += BLOCK_LENGTH) {
      const leaf = bytes.subarray(at, Math.min(at + BLOCK_LENGTH, end))
      // As a string of bytes: quicker than a Buffer for each.
      this.#leaves.write(
        hash('sha256', leaf, 'binary'),
        ((offset + at) / BLOCK_LENGTH) * HASH_LENGTH,
        'binary',
      )
    }
  }

  /** The leaves of `piece`, one after the other, when all of its blocks were added. */
  all(piece: number): Uint8Array {
    return new Uint8Array(this.#leaves.subarray(0, this.#map.blockCount(piece) * HASH_LENGTH))
  }

  /**
   * The root over all leaves of `piece`. If the file is longer than a piece, the leaves are padded to the
   * piece's length, else to the next power of two. The leaves are overwritten.
   */
  root(piece: number): Uint8Array {
    const count = this.#map.blockCount(piece)
    const file = this.#map.fileOfPiece(piece)
    const isWholePiece = file !== undefined && file.length > this.#map.pieceLength
    const width = isWholePiece ? this.#map.pieceLength / BLOCK_LENGTH : 2 ** Math.ceil(Math.log2(count))
    this.#reserve(piece)
    let filled = count
    let height = 0
    for (let level = width; level > 1; level /= 2) {
      if (filled % 2 !== 0) this.#leaves.set(padHash(height, nodeDigests), filled++ * HASH_LENGTH)
      filled /= 2
      for (let parent = 0; parent < filled; parent++) {
        const pair = this.#leaves.subarray(parent * 2 * HASH_LENGTH, (parent + 1) * 2 * HASH_LENGTH)
        this.#leaves.write(hash('sha256', pair, 'binary'), parent * HASH_LENGTH, 'binary')
      }
      height++
    }
    return new Uint8Array(this.#leaves.subarray(0, HASH_LENGTH))
  }

  #reserve(piece: number): void {
    const size = (this.#map.blockCount(piece) + 1) * HASH_LENGTH
    if (this.#leaves.length < size) this.#leaves = Buffer.alloc(size)
  }
}
