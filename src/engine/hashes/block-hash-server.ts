// BEP 52: hashes of single blocks, for those who want to know which block of a piece is bad.

import type { Bitfield } from '../../base/bitfield.js'
import { equalBytes } from '../../base/bytes.js'
import type { Digests } from '../../protocol/digests.js'
import {
  type HashTree,
  makeHashes,
  type NodeSource,
  pieceOfRun,
  withLeavesOfPiece,
} from '../../protocol/hash-proof.js'
import { pieceLayerHeight, rootOfLeaves } from '../../protocol/merkle.js'
import type { HashMessage } from '../../protocol/peer/hash-messages.js'
import type { TorrentWorld } from '../world.js'
import type { LayeredFile } from './layered-file.js'

/** Pieces that are read and hashed for this at a time: a request costs its sender next to nothing. */
const MAX_AT_WORK = 2

/**
 * Nobody keeps the hashes of all blocks: those of a piece are made anew, from the disk, when a peer asks for them. A peer has
 * one piece at work, and all together few.
 */
export class BlockHashServer<Peer> {
  readonly #pieceLength: number
  readonly #digests: Digests
  readonly #have: Bitfield
  readonly #world: Pick<TorrentWorld, 'digestBlocks'>
  readonly #atWork = new Set<Peer>()

  constructor(
    { pieceLength, digests, have }: { pieceLength: number; digests: Digests; have: Bitfield },
    world: Pick<TorrentWorld, 'digestBlocks'>,
  ) {
    this.#pieceLength = pieceLength
    this.#digests = digests
    this.#have = have
    this.#world = world
  }

  /**
   * Makes the answer to a request below the piece layer.
   * @param files all that have this tree: one of them may have the piece
   * @param use is called with it, at once or later; with undefined where there is none
   * @returns false where none is even tried for
   */
  answer(
    peer: Peer,
    message: HashMessage,
    files: readonly LayeredFile[],
    tree: HashTree,
    use: (hashes: Uint8Array | undefined) => void,
  ): boolean {
    const piece = pieceOfRun(message, this.#pieceLength)
    const file = files.find(({ firstPiece }) => piece !== undefined && this.#have.has(firstPiece + piece))
    if (piece === undefined || file === undefined) return false
    if (this.#atWork.has(peer) || this.#atWork.size >= MAX_AT_WORK) return false
    this.#atWork.add(peer)
    this.#world.digestBlocks(file.firstPiece + piece, leaves => {
      this.#atWork.delete(peer)
      const nodeAt = leaves && this.#provenNodes(tree, piece, leaves)
      use(nodeAt && makeHashes(message, file, nodeAt))
    })
    return true
  }

  /** Undefined where the bytes on the disk are not any more what was verified. */
  #provenNodes(tree: HashTree, piece: number, leaves: Uint8Array): NodeSource | undefined {
    const height = pieceLayerHeight(this.#pieceLength)
    const root = tree.nodeAt(height, piece)
    const isProven = root !== undefined && equalBytes(root, rootOfLeaves(leaves, this.#digests, height))
    return isProven ? withLeavesOfPiece(tree, piece, leaves, this.#pieceLength, this.#digests) : undefined
  }
}
