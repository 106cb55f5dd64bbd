// BEP 52: the trees that hash requests are answered from.

import type { Steps } from '../../base/steps.js'
import type { Digests } from '../../protocol/digests.js'
import { HashTree } from '../../protocol/hash-proof.js'
import { pieceLayerHeight } from '../../protocol/merkle.js'
import type { PieceHashes } from '../../protocol/metainfo/piece-hashes.js'

/** Who may wait for a tree; more are told that it is not known. */
const MAX_WAITING = 1_000

type Entry =
  | { readonly type: 'ready'; readonly tree: HashTree }
  | { readonly type: 'growing'; readonly waiting: ((tree: HashTree) => void)[] }

/** The trees of files by their root in hexadecimal, made when first asked for: beside its layer a tree is small. */
export class HashTrees {
  readonly #hashes: PieceHashes
  readonly #digests: Digests
  readonly #height: number
  readonly #workInTurns: (steps: Steps<void>) => void
  readonly #entries = new Map<string, Entry>()

  /** @param workInTurns goes through steps, with whatever else there is to do in between */
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

  /** Calls `use` with the tree, at once or, for one of very many pieces, later; false where it is not to be had. */
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
    // Most trees are made with the first step.
    if (!steps.next().done) this.#workInTurns(steps)
  }

  *#growInSteps(root: string, tree: HashTree, waiting: readonly ((tree: HashTree) => void)[]): Steps<void> {
    yield* tree.prepareInSteps()
    this.#entries.set(root, { type: 'ready', tree })
    for (const use of waiting) use(tree)
  }
}
