// BEP 52: merkle trees of SHA-256 over blocks of 16 KiB.

import { inOneGo, type Steps } from '../base/steps.js'
import type { Digests } from './digests.js'
import { BLOCK_LENGTH } from './metainfo/metainfo.js'

/** Bytes of a node of a tree. */
export const HASH_LENGTH = 32

/** Large layers are taken in groups of 2 ** 9 nodes, each with one node above it: half a millisecond of hashing. */
export const GROUP_LEVELS = 9
const GROUP_BYTES = 2 ** GROUP_LEVELS * HASH_LENGTH
/** Some milliseconds. */
const GROUPS_A_STEP = 8

/** Leaves of zeros stand for what lies behind the end of a file; this table has the trees over only such leaves. */
const padHashes: Uint8Array[] = [new Uint8Array(HASH_LENGTH)]

/** The smallest height at which a tree holds `count` nodes (1 or more) below its root. */
export function heightFor(count: number): number {
  let height = 0
  while (2 ** height < count) height++
  return height
}

/** The number of blocks of a file: the leaves of its tree, without padding. */
export function blocksIn(fileLength: number): number {
  return Math.ceil(fileLength / BLOCK_LENGTH)
}

/** The layer, counted from the leaves, in which a node covers one piece. */
export function pieceLayerHeight(pieceLength: number): number {
  return heightFor(pieceLength / BLOCK_LENGTH)
}

/** Root of a tree of that height over nothing but padding (32 bytes, not to be written to). */
export function padHash(height: number, digests: Digests): Uint8Array {
  for (let known = padHashes.length; known <= height; known++) {
    const below = padHashes[known - 1] ?? new Uint8Array(HASH_LENGTH)
    const pair = new Uint8Array(2 * HASH_LENGTH)
    pair.set(below)
    pair.set(below, HASH_LENGTH)
    padHashes.push(digests.sha256(pair))
  }
  return padHashes[height] ?? new Uint8Array(HASH_LENGTH)
}

/**
 * The layer above a layer: half as many nodes, an odd last one paired with padding.
 * @param layer nodes of 32 bytes each
 * @param height of `layer` above the leaves
 */
export function layerAbove(layer: Uint8Array, height: number, digests: Digests): Uint8Array {
  const pairs = Math.ceil(layer.length / (2 * HASH_LENGTH))
  const above = new Uint8Array(pairs * HASH_LENGTH)
  for (let i = 0; i < pairs; i++) {
    let pair = layer.subarray(i * 2 * HASH_LENGTH, (i + 1) * 2 * HASH_LENGTH)
    if (pair.length < 2 * HASH_LENGTH) pair = joined(pair, padHash(height, digests))
    above.set(digests.sha256(pair), i * HASH_LENGTH)
  }
  return above
}

/** The layer `GROUP_LEVELS` above a layer, with none of those between them kept. */
export function* groupRootsInSteps(layer: Uint8Array, height: number, digests: Digests): Steps<Uint8Array> {
  const groups = Math.ceil(layer.length / GROUP_BYTES)
  const roots = new Uint8Array(groups * HASH_LENGTH)
  for (let group = 0; group < groups; group++) {
    const nodes = layer.subarray(group * GROUP_BYTES, (group + 1) * GROUP_BYTES)
    roots.set(rootOfGroup(nodes, height, GROUP_LEVELS, digests), group * HASH_LENGTH)
    if (group % GROUPS_A_STEP === GROUPS_A_STEP - 1) yield
  }
  return roots
}

function rootOfGroup(layer: Uint8Array, height: number, levels: number, digests: Digests): Uint8Array {
  let nodes = layer
  for (let level = 0; level < levels; level++) nodes = layerAbove(nodes, height + level, digests)
  return nodes
}

/**
 * The node that stands `levels` above the beginning of a layer and covers all of it.
 * @param layer 1 to 2 ** levels nodes of 32 bytes each; what is missing is padding
 * @param height of `layer` above the leaves
 */
export function rootOfLayer(layer: Uint8Array, height: number, levels: number, digests: Digests): Uint8Array {
  return inOneGo(rootOfLayerInSteps(layer, height, levels, digests))
}

function* rootOfLayerInSteps(
  layer: Uint8Array,
  height: number,
  levels: number,
  digests: Digests,
): Steps<Uint8Array> {
  let nodes = layer
  let done = 0
  for (; levels - done > GROUP_LEVELS; done += GROUP_LEVELS) {
    nodes = yield* groupRootsInSteps(nodes, height + done, digests)
  }
  return new Uint8Array(rootOfGroup(nodes, height + done, levels - done, digests))
}

/**
 * Root over the hashes of blocks.
 * @param leaves 32 bytes each, at least one
 * @param height of the tree; without it, the smallest in which the leaves have place
 */
export function rootOfLeaves(leaves: Uint8Array, digests: Digests, height?: number): Uint8Array {
  return rootOfLayer(leaves, 0, height ?? heightFor(leaves.length / HASH_LENGTH), digests)
}

/**
 * The pieces root of a file longer than one piece.
 * In steps, since a million pieces take a second.
 * @param layer the hashes of its pieces, 32 bytes each
 */
export function rootOfPieceLayerInSteps(
  layer: Uint8Array,
  pieceLength: number,
  digests: Digests,
): Steps<Uint8Array> {
  const levels = heightFor(layer.length / HASH_LENGTH)
  return rootOfLayerInSteps(layer, pieceLayerHeight(pieceLength), levels, digests)
}

/** The node above two neighbours. */
export function parentOf(left: Uint8Array, right: Uint8Array, digests: Digests): Uint8Array {
  return digests.sha256(joined(left, right))
}

function joined(left: Uint8Array, right: Uint8Array): Uint8Array {
  const pair = new Uint8Array(2 * HASH_LENGTH)
  pair.set(left)
  pair.set(right, HASH_LENGTH)
  return pair
}
