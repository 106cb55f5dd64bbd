import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toHex } from '../../../src/base/bytes.js'
import { inOneGo, type Steps } from '../../../src/base/steps.js'
import { nodeDigests } from '../../../src/client/digests.js'
import { HashTrees } from '../../../src/engine/hashes/hash-trees.js'
import type { HashTree } from '../../../src/protocol/hash-proof.js'
import { rootOfLayer } from '../../../src/protocol/merkle.js'
import { PieceHashes } from '../../../src/protocol/metainfo/piece-hashes.js'
import { plainInfo } from '../support/joined-engines.js'

const HEIGHT = 2

/** The tree over a layer of this many pieces, and the steps that are left for later. */
function treesOf(pieceCount: number) {
  let hashes = 0
  const layer = new Uint8Array(32 * pieceCount)
  for (let piece = 0; piece < pieceCount; piece++) layer[piece * 32] = piece
  const digests = {
    ...nodeDigests,
    sha256: (bytes: Uint8Array) => {
      hashes++
      return nodeDigests.sha256(bytes)
    },
  }
  const root = toHex(new Uint8Array(32))
  const pieceHashes = new PieceHashes(plainInfo(1), new Map([[root, layer]]))
  const later: Steps<void>[] = []
  const trees = new HashTrees(pieceHashes, digests, 65_536, steps => later.push(steps))
  const count = () => {
    const before = hashes
    hashes = 0
    return before
  }
  return { trees, root, later, layer, count }
}

test('a small tree is there at once, and made once', () => {
  const { trees, root, later } = treesOf(100)
  const found: HashTree[] = []
  assert.ok(trees.withTree(root, tree => found.push(tree)))
  assert.ok(trees.withTree(root, tree => found.push(tree)))
  assert.equal(found.length, 2)
  assert.equal(found[0], found[1])
  assert.deepEqual(later, [])
})

test('there is none where the layer is not known', () => {
  assert.equal(
    treesOf(1).trees.withTree('none', () => assert.fail('a tree')),
    false,
  )
})

test('a large tree is made in steps, and all requests that came meanwhile are answered', () => {
  const pieceCount = 2 ** 15
  const { trees, root, later, layer, count } = treesOf(pieceCount)
  const found: HashTree[] = []
  for (let i = 0; i < 3; i++) assert.ok(trees.withTree(root, tree => found.push(tree)))
  assert.equal(found.length, 0)
  assert.equal(later.length, 1)
  let most = count()
  for (let step = later[0]?.next(); step?.done === false; step = later[0]?.next())
    most = Math.max(most, count())
  assert.ok(most <= 2 ** 13, `${most} hashes in one step`)
  assert.equal(found.length, 3)
  assert.deepEqual(found[0]?.nodeAt(HEIGHT + 15, 0), rootOfLayer(layer, HEIGHT, 15, nodeDigests))
})

test('a request for any node of a large tree costs no more than a group of nodes', () => {
  const { trees, root, later, count } = treesOf(2 ** 15)
  trees.withTree(root, () => {})
  for (const steps of later) inOneGo(steps)
  count()
  trees.withTree(root, tree => {
    for (let above = 0; above <= 15; above++) {
      for (const index of [0, 2 ** (15 - above) - 1]) {
        assert.ok(tree.nodeAt(HEIGHT + above, index))
        assert.ok(count() <= 512)
      }
    }
  })
})
