// BEP 52: the layers of a file's tree go from peer to peer in parts (messages 21 to 23), and each part proves
// itself against the pieces root. A request names a run of `length` nodes of one layer; the answer is that run and
// then one uncle a layer, from the sibling of the node above the run up to the one closest to the root.

import { equalBytes } from '../base/bytes.js'
import { inOneGo, type Steps } from '../base/steps.js'
import type { Digests } from './digests.js'
import {
  blocksIn,
  GROUP_LEVELS,
  groupRootsInSteps,
  HASH_LENGTH,
  heightFor,
  layerAbove,
  padHash,
  parentOf,
  pieceLayerHeight,
  rootOfLayer,
} from './merkle.js'

/** A run of hashes of one layer, and the uncles that prove it, with the numbers as messages have them. */
export interface HashRun {
  /** Layers above the leaves: 0 asks for the hashes of blocks. */
  readonly baseLayer: number
  /** First node of the run, from the beginning of the file; a multiple of `length`. */
  readonly index: number
  /** Nodes in the run, a power of two. */
  readonly length: number
  /** Layers above the base whose uncles are wanted; those that follow from the run itself are counted, not sent. */
  readonly proofLayers: number
}

/** The file that a request asks about. */
export interface HashedFile {
  /** Bytes; more than 0. */
  readonly length: number
  /** 32 bytes. */
  readonly piecesRoot: Uint8Array
}

/** BEP 52 asks for no more at once. */
export const MAX_REQUESTED_HASHES = 512

/** The blocks of a piece are asked for in one go, and a piece may have more than 512. */
const MAX_ANSWERED_HASHES = 8_192

/**
 * The requests that together bring a file's piece layer, each with its whole proof; none for a file of one piece,
 * whose pieces root is the hash of its piece.
 */
export function requestsForPieceLayer(file: HashedFile, pieceLength: number): HashRun[] {
  const pieces = Math.ceil(file.length / pieceLength)
  const requests: HashRun[] = []
  if (pieces < 2) return requests
  for (let index = 0; index < pieces; index += MAX_REQUESTED_HASHES) {
    const rest = Math.min(pieces - index, MAX_REQUESTED_HASHES)
    requests.push({
      baseLayer: pieceLayerHeight(pieceLength),
      index,
      length: Math.max(2, 2 ** heightFor(rest)),
      proofLayers: heightFor(pieces) - 1,
    })
  }
  return requests
}

/**
 * The request that brings the hashes of a piece's blocks with their whole proof.
 * @param file longer than one piece
 * @param piece counted from the beginning of the file
 */
export function requestForBlocks(file: HashedFile, piece: number, pieceLength: number): HashRun {
  const length = 2 ** pieceLayerHeight(pieceLength)
  return { baseLayer: 0, index: piece * length, length, proofLayers: heightFor(blocksIn(file.length)) - 1 }
}

/**
 * The piece in which all hashes of a request lie, counted from the beginning of the file; undefined where they are of several.
 */
export function pieceOfRun({ baseLayer, index, length }: HashRun, pieceLength: number): number | undefined {
  const nodesPerPiece = 2 ** (pieceLayerHeight(pieceLength) - baseLayer)
  return length <= nodesPerPiece ? Math.floor(index / nodesPerPiece) : undefined
}

/**
 * True if a request can be answered with hashes, and not only with a reject. A length of 1, which BEP 52 does not allow, is
 * accepted: libtorrent sends it for the last piece of a file of 512 n + 1 pieces, and expects the uncles that the BEP's rule
 * gives when it is extended to that length, the sibling of the node first.
 */
export function isAnswerable(request: HashRun, file: Pick<HashedFile, 'length'>): boolean {
  const { baseLayer, index, length, proofLayers } = request
  const numbers = [baseLayer, index, length, proofLayers]
  if (!numbers.every(number => Number.isInteger(number) && number >= 0)) return false
  const layers = heightFor(blocksIn(file.length)) - baseLayer
  return (
    layers > 0 &&
    length >= 1 &&
    length <= MAX_ANSWERED_HASHES &&
    2 ** heightFor(length) === length &&
    index % length === 0 &&
    index + length <= 2 ** layers &&
    proofLayers < layers
  )
}

/** The number of hashes in the answer to a request: the run and the uncles. */
export function answerLength(request: Pick<HashRun, 'length' | 'proofLayers'>): number {
  return request.length + unclesOf(request)
}

/**
 * Checks the hashes of an answer against the pieces root.
 * @param request what was asked, with proof layers up to the root (as `requestsForPieceLayer` asks)
 * @param hashes as they stand in the message, 32 bytes each
 * @returns the nodes of the run that cover data, 32 bytes each; undefined where the answer has the wrong length, or
 *   does not lead to the root
 */
export function verifyHashes(
  request: HashRun,
  hashes: Uint8Array,
  file: HashedFile,
  digests: Digests,
): Uint8Array | undefined {
  if (!isAnswerable(request, file) || hashes.length !== answerLength(request) * HASH_LENGTH) return undefined
  const { baseLayer, index, length } = request
  const nodesWithData = Math.ceil(blocksIn(file.length) / 2 ** baseLayer)
  const levels = heightFor(length)
  if (index >= nodesWithData) return undefined
  if (baseLayer + levels + unclesOf(request) !== heightFor(blocksIn(file.length))) return undefined

  // Hashes behind the end of the file are known, so the ones that were sent for them are ignored.
  const run = hashes.subarray(0, Math.min(length, nodesWithData - index) * HASH_LENGTH)
  let node = rootOfLayer(run, baseLayer, levels, digests)
  let place = index / length
  for (let at = length * HASH_LENGTH; at < hashes.length; at += HASH_LENGTH) {
    const uncle = hashes.subarray(at, at + HASH_LENGTH)
    node = place % 2 === 0 ? parentOf(node, uncle, digests) : parentOf(uncle, node, digests)
    place = Math.floor(place / 2)
  }
  return equalBytes(node, file.piecesRoot) ? new Uint8Array(run) : undefined
}

/** Gives a node by its layer (from the leaves) and its place in it; undefined where it is not known. */
export type NodeSource = (layer: number, index: number) => Uint8Array | undefined

/**
 * The hashes of the answer to a request, 32 bytes each; undefined where the request makes no sense or asks for
 * nodes that are not known, which is to be answered with a reject.
 */
export function makeHashes(
  request: HashRun,
  file: Pick<HashedFile, 'length'>,
  nodeAt: NodeSource,
): Uint8Array | undefined {
  if (!isAnswerable(request, file)) return undefined
  const { baseLayer, index, length } = request
  const hashes = new Uint8Array(answerLength(request) * HASH_LENGTH)
  let at = 0
  const put = (node: Uint8Array | undefined) => {
    if (node === undefined) return false
    hashes.set(node, at)
    at += HASH_LENGTH
    return true
  }
  for (let i = 0; i < length; i++) if (!put(nodeAt(baseLayer, index + i))) return undefined
  let layer = baseLayer + heightFor(length)
  for (let place = index / length; at < hashes.length; place = Math.floor(place / 2)) {
    if (!put(nodeAt(layer, place % 2 === 0 ? place + 1 : place - 1))) return undefined
    layer++
  }
  return hashes
}

/**
 * All of a tree from one complete layer up to the root. Of large trees only every ninth layer is kept, a 500th of the whole;
 * the layers between are computed again for the group of nodes that was asked about last.
 */
export class HashTree {
  readonly #layer: Uint8Array
  readonly #baseLayer: number
  readonly #digests: Digests
  #above: HashTree | undefined
  #group: { readonly index: number; readonly layers: Uint8Array[] } | undefined

  /**
   * @param layer every node with data of a layer, 32 bytes each
   * @param baseLayer how many layers above the leaves it stands (`pieceLayerHeight` for a piece layer)
   */
  constructor(layer: Uint8Array, baseLayer: number, digests: Digests) {
    this.#layer = layer
    this.#baseLayer = baseLayer
    this.#digests = digests
  }

  /** The work that `nodeAt` would otherwise do when it is first asked about what stands above a large layer. */
  *prepareInSteps(): Steps<void> {
    if (this.#above !== undefined || this.#layer.length <= HASH_LENGTH) return
    const roots = yield* groupRootsInSteps(this.#layer, this.#baseLayer, this.#digests)
    const above = new HashTree(roots, this.#baseLayer + GROUP_LEVELS, this.#digests)
    yield* above.prepareInSteps()
    this.#above = above
  }

  /** A `NodeSource`: nodes behind the end of the file are padding, those below the given layer are not known. */
  nodeAt(layer: number, index: number): Uint8Array | undefined {
    const levels = layer - this.#baseLayer
    if (levels < 0) return undefined
    if (levels === 0) return nodeOf(this.#layer, index) ?? padHash(layer, this.#digests)
    if (levels >= GROUP_LEVELS && this.#layer.length > HASH_LENGTH) {
      inOneGo(this.prepareInSteps())
      return this.#above?.nodeAt(layer, index)
    }
    const nodesInGroup = Math.max(1, 2 ** (GROUP_LEVELS - levels))
    const nodes = this.#layerOfGroup(Math.floor(index / nodesInGroup), levels)
    return nodeOf(nodes, index % nodesInGroup) ?? padHash(layer, this.#digests)
  }

  #layerOfGroup(index: number, levels: number): Uint8Array {
    if (this.#group?.index !== index) {
      const groupBytes = 2 ** GROUP_LEVELS * HASH_LENGTH
      this.#group = { index, layers: [this.#layer.subarray(index * groupBytes, (index + 1) * groupBytes)] }
    }
    const { layers } = this.#group
    for (let known = layers.length; known <= levels; known++) {
      layers.push(layerAbove(layers[known - 1] ?? NO_NODES, this.#baseLayer + known - 1, this.#digests))
    }
    return layers[levels] ?? NO_NODES
  }
}

const NO_NODES = new Uint8Array(0)

function nodeOf(nodes: Uint8Array, index: number): Uint8Array | undefined {
  const start = index * HASH_LENGTH
  return start < nodes.length ? nodes.subarray(start, start + HASH_LENGTH) : undefined
}

/**
 * The nodes of a tree with those of one piece added, down to its blocks: enough to answer a request for leaves
 * of that piece.
 * @param leaves the hashes of the piece's blocks, 32 bytes each
 * @param piece counted from the beginning of the file
 */
export function withLeavesOfPiece(
  tree: HashTree,
  piece: number,
  leaves: Uint8Array,
  pieceLength: number,
  digests: Digests,
): NodeSource {
  const pieceTree = new HashTree(leaves, 0, digests)
  const height = pieceLayerHeight(pieceLength)
  return (layer, index) => {
    if (layer >= height) return tree.nodeAt(layer, index)
    const first = piece * 2 ** (height - layer)
    const isInPiece = index >= first && index < first + 2 ** (height - layer)
    return isInPiece ? pieceTree.nodeAt(layer, index - first) : undefined
  }
}

function unclesOf({ length, proofLayers }: Pick<HashRun, 'length' | 'proofLayers'>): number {
  return Math.max(0, proofLayers - (heightFor(length) - 1))
}
