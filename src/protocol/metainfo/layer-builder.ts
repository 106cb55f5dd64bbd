// BEP 52: a torrent may lack the piece layer of a file. If the whole file is on the disk, its layer can be computed from the
// data, and the pieces root proves it.

import { Bitfield } from '../../base/bitfield.js'
import { equalBytes } from '../../base/bytes.js'
import type { Steps } from '../../base/steps.js'
import type { Digests } from '../digests.js'
import { HASH_LENGTH, rootOfPieceLayerInSteps } from '../merkle.js'
import type { Info } from './metainfo.js'
import type { PieceDigests, PieceHashes } from './piece-hashes.js'
import { PieceMap } from './piece-map.js'

/** A layer that is being put together; it may turn out wrong. */
interface Draft {
  readonly piecesRoot: Uint8Array
  readonly firstPiece: number
  /** 32 bytes a piece of the file. */
  readonly layer: Uint8Array
  /** By piece of the file: those whose hashes are in `layer`. */
  readonly noted: Bitfield
}

/** Builds the layers that are missing from the pieces that lie on the disk. */
export class LayerBuilder {
  readonly #map: PieceMap
  readonly #hashes: PieceHashes
  readonly #digests: Digests
  /** By the first piece of the file. */
  readonly #drafts = new Map<number, Draft>()

  constructor(info: Info, hashes: PieceHashes, digests: Digests) {
    this.#map = new PieceMap(info)
    this.#hashes = hashes
    this.#digests = digests
  }

  /** Takes in a piece that was hashed and can't be judged yet (`PieceHashes.isKnown`). */
  note(piece: number, digests: PieceDigests): void {
    if (digests.root === undefined || !this.#hashes.matchesV1(piece, digests)) return
    const draft = this.#draftOf(piece)
    if (draft === undefined) return
    draft.layer.set(digests.root, (piece - draft.firstPiece) * HASH_LENGTH)
    draft.noted.add(piece - draft.firstPiece)
  }

  /** Gives `PieceHashes` the layers that lead to the root of their file, and returns the pieces that are right by them. */
  *settle(): Steps<number[]> {
    const drafts = [...this.#drafts.values()]
    for (const { piecesRoot, layer, noted } of drafts) {
      if (!noted.isFull || this.#hashes.layer(piecesRoot) !== undefined) continue
      const root = yield* rootOfPieceLayerInSteps(layer, this.#map.pieceLength, this.#digests)
      if (equalBytes(root, piecesRoot)) this.#hashes.addLayer(piecesRoot, layer)
    }
    // Files of the same content share a layer: one that is whole settles the parts of the others.
    return drafts.flatMap(draft => this.#rightPiecesOf(draft))
  }

  #rightPiecesOf({ firstPiece, layer, noted }: Draft): number[] {
    return [...noted].flatMap(index => {
      const root = layer.subarray(index * HASH_LENGTH, (index + 1) * HASH_LENGTH)
      return this.#hashes.matchesV2(firstPiece + index, { root }) ? [firstPiece + index] : []
    })
  }

  #draftOf(piece: number): Draft | undefined {
    const file = this.#map.fileOfPiece(piece)
    const pieces = file && this.#map.piecesOf(file)
    if (file?.piecesRoot === undefined || pieces === undefined) return undefined
    const known = this.#drafts.get(pieces.first)
    if (known !== undefined) return known
    const count = pieces.last - pieces.first + 1
    const draft: Draft = {
      piecesRoot: file.piecesRoot,
      firstPiece: pieces.first,
      layer: new Uint8Array(count * HASH_LENGTH),
      noted: new Bitfield(count),
    }
    this.#drafts.set(pieces.first, draft)
    return draft
  }
}
