import { equalBytes, toHex } from '../../base/bytes.js'
import { SHA1_LENGTH } from '../digests.js'
import { HASH_LENGTH } from '../merkle.js'
import type { Info } from './metainfo.js'
import { PieceMap } from './piece-map.js'

/** The hashes of a piece's bytes, right or wrong. */
export interface PieceDigests {
  /** Over the piece as v1 sees it, pads as zeros (20 bytes): v1 and hybrid. */
  readonly sha1: Uint8Array | undefined
  /** Merkle root over the piece's leaves (32 bytes): v2 and hybrid. */
  readonly root: Uint8Array | undefined
}

/**
 * The expected hashes of each piece of a torrent. A v2 or hybrid torrent may lack the layer of a file until a peer sends it:
 * pieces of such a file can't be verified, and should not be requested, before `addLayer`.
 */
export class PieceHashes {
  readonly #info: Info
  readonly #map: PieceMap
  #layers: ReadonlyMap<string, Uint8Array>
  /** `#layers` once it is ours to change. */
  #ownLayers: Map<string, Uint8Array> | undefined

  /** @param map that of `info`, where there is one already */
  constructor(info: Info, layers: ReadonlyMap<string, Uint8Array>, map = new PieceMap(info)) {
    this.#info = info
    this.#map = map
    this.#layers = layers
  }

  /** The layer of a file by its pieces root; undefined where it is not known or the file has none. */
  layer(piecesRoot: Uint8Array): Uint8Array | undefined {
    return this.#layers.get(toHex(piecesRoot))
  }

  /** Adds a layer that was proven against its root. */
  addLayer(piecesRoot: Uint8Array, layer: Uint8Array): void {
    this.#ownLayers ??= new Map(this.#layers)
    this.#ownLayers.set(toHex(piecesRoot), layer)
    this.#layers = this.#ownLayers
  }

  get layers(): ReadonlyMap<string, Uint8Array> {
    return this.#layers
  }

  isKnown(piece: number): boolean {
    return this.#info.version === 'v1' || this.#expectedRoot(piece) !== undefined
  }

  /** True where every hash that the torrent's version demands is there and agrees. */
  matches(piece: number, digests: PieceDigests): boolean {
    return this.matchesV1(piece, digests) && this.matchesV2(piece, digests)
  }

  /** The half of `matches` that is about SHA-1: nothing can be wrong in a v2 torrent. */
  matchesV1(piece: number, { sha1 }: Pick<PieceDigests, 'sha1'>): boolean {
    const { pieces } = this.#info
    if (pieces === undefined) return true
    const expected = pieces.subarray(piece * SHA1_LENGTH, (piece + 1) * SHA1_LENGTH)
    return sha1 !== undefined && equalBytes(expected, sha1)
  }

  /** The half of `matches` that is about the merkle tree: nothing can be wrong in a v1 torrent. */
  matchesV2(piece: number, { root }: Pick<PieceDigests, 'root'>): boolean {
    if (this.#info.version === 'v1') return true
    const expected = this.#expectedRoot(piece)
    return expected !== undefined && root !== undefined && equalBytes(expected, root)
  }

  #expectedRoot(piece: number): Uint8Array | undefined {
    const file = this.#map.fileOfPiece(piece)
    if (file?.piecesRoot === undefined) return undefined
    if (file.length <= this.#info.pieceLength) return file.piecesRoot
    const at = (piece - file.offset / this.#info.pieceLength) * HASH_LENGTH
    return this.layer(file.piecesRoot)?.subarray(at, at + HASH_LENGTH)
  }
}
