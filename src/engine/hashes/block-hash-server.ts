// BEP 52: serves the hashes of single blocks, for peers that look for the bad block of a piece.

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
 * Hashes of blocks are not kept: those of a piece are computed from the disk when a peer asks for them, for one piece of each
 * peer at a time.
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
   * Answers a request below the piece layer.
   * @param files all files with this tree, of which one may have the piece
   * @param use is called with the hashes, at once or later; with undefined where there are none
   * @returns false where the request is refused at once; `use` is not called then
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

  /** Undefined where the bytes on the disk are no longer those that were verified. */
  #provenNodes(tree: HashTree, piece: number, leaves: Uint8Array): NodeSource | undefined {
    const height = pieceLayerHeight(this.#pieceLength)
    const root = tree.nodeAt(height, piece)
    const isProven = root !== undefined && equalBytes(root, rootOfLeaves(leaves, this.#digests, height))
    return isProven ? withLeavesOfPiece(tree, piece, leaves, this.#pieceLength, this.#digests) : undefined
  }
}
