// BEP 52: the trees that hash requests are answered from.

import type { Digests } from '../protocol/digests.js'
import { HashTree } from '../protocol/hash-proof.js'
import { HASH_LENGTH, pieceLayerHeight } from '../protocol/merkle.js'
import type { PieceHashes } from '../protocol/metainfo/piece-hashes.js'

/** Pieces under all trees that are kept: a tree takes up to 64 bytes a piece, and a hash a piece to build. */
const MAX_PIECES = 2 ** 18

/** The trees of files by their root in hexadecimal, built when first asked for; those used longest ago give way. */
export class HashTrees {
  readonly #hashes: PieceHashes
  readonly #digests: Digests
  readonly #height: number
  readonly #trees = new Map<string, { readonly tree: HashTree; readonly pieces: number }>()
  #pieces = 0

  constructor(hashes: PieceHashes, digests: Digests, pieceLength: number) {
    this.#hashes = hashes
    this.#digests = digests
    this.#height = pieceLayerHeight(pieceLength)
  }

  /** Undefined where the layer of the file is not known. */
  get(root: string): HashTree | undefined {
    const known = this.#trees.get(root)
    if (known !== undefined) {
      this.#trees.delete(root)
      this.#trees.set(root, known)
      return known.tree
    }
    const layer = this.#hashes.layers.get(root)
    if (layer === undefined) return undefined
    const tree = new HashTree(layer, this.#height, this.#digests)
    const pieces = layer.length / HASH_LENGTH
    this.#pieces += pieces
    this.#trees.set(root, { tree, pieces })
    this.#makeRoom()
    return tree
  }

  /** The tree that was asked for last stays, however large. */
  #makeRoom(): void {
    for (const [root, { pieces }] of this.#trees) {
      if (this.#pieces <= MAX_PIECES || this.#trees.size === 1) return
      this.#trees.delete(root)
      this.#pieces -= pieces
    }
  }
}
