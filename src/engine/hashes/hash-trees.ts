// BEP 52: the trees from which hash requests are answered.

import type { Steps } from '../../base/steps.js'
import type { Digests } from '../../protocol/digests.js'
import { HashTree } from '../../protocol/hash-proof.js'
import { pieceLayerHeight } from '../../protocol/merkle.js'
import type { PieceHashes } from '../../protocol/metainfo/piece-hashes.js'

/** Requests that may wait for a tree; more are rejected. */
const MAX_WAITING = 1_000

type Entry =
  | { readonly type: 'ready'; readonly tree: HashTree }
  | { readonly type: 'growing'; readonly waiting: ((tree: HashTree) => void)[] }

/** Trees of files by their root in hexadecimal, made when first needed: a tree is small compared with its layer. */
export class HashTrees {
  readonly #hashes: PieceHashes
  readonly #digests: Digests
  readonly #height: number
  readonly #workInTurns: (steps: Steps<void>) => void
  readonly #entries = new Map<string, Entry>()

  /** @param workInTurns runs steps, with other work in between */
  constructor(
    hashes: PieceHashes,
    digests: Digests,
    pieceLength: number,
    workInTurns: (steps: Steps<void>) => void,
  ) {
    this.#hashes = hashes
    this.#digests = digests
    this.#height = pieceLayerHeight(pieceLength)
    this.#workInTurns = workInTurns
  }

  /** Calls `use` with the tree, at once or, where it has very many pieces, later; false where there is none. */
  withTree(root: string, use: (tree: HashTree) => void): boolean {
    const known = this.#entries.get(root)
    if (known?.type === 'growing') {
      if (known.waiting.length >= MAX_WAITING) return false
      known.waiting.push(use)
      return true
    }
    if (known !== undefined) {
      use(known.tree)
      return true
    }
    const layer = this.#hashes.layers.get(root)
    if (layer === undefined) return false
    this.#grow(root, new HashTree(layer, this.#height, this.#digests), use)
    return true
  }

  #grow(root: string, tree: HashTree, use: (tree: HashTree) => void): void {
    const waiting = [use]
    this.#entries.set(root, { type: 'growing', waiting })
    const steps = this.#growInSteps(root, tree, waiting)
    // Most trees are made in the first step.
    if (!steps.next().done) this.#workInTurns(steps)
  }

  *#growInSteps(root: string, tree: HashTree, waiting: readonly ((tree: HashTree) => void)[]): Steps<void> {
    yield* tree.prepareInSteps()
    this.#entries.set(root, { type: 'ready', tree })
    for (const use of waiting) use(tree)
  }
}
