import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toHex } from '../../src/base/bytes.js'
import { nodeDigests } from '../../src/client/digests.js'
import { HashTrees } from '../../src/engine/hash-trees.js'
import { PieceHashes } from '../../src/protocol/metainfo/piece-hashes.js'
import { plainInfo } from './support/joined-engines.js'

/** Trees over layers of so many pieces each. */
function treesOf(...pieceCounts: number[]) {
  const roots = pieceCounts.map((_, index) => toHex(new Uint8Array(32).fill(index)))
  const layers = new Map(pieceCounts.map((count, index) => [roots[index]!, new Uint8Array(32 * count)]))
  const trees = new HashTrees(new PieceHashes(plainInfo(1), layers), nodeDigests, 65_536)
  return { trees, roots }
}

test('a tree is built once, however many there are', () => {
  const { trees, roots } = treesOf(...new Array<number>(100).fill(100))
  const built = roots.map(root => trees.get(root))
  assert.deepEqual(
    roots.map(root => trees.get(root) === built[roots.indexOf(root)]),
    roots.map(() => true),
  )
})

test('of large trees those used longest ago give way', () => {
  const { trees, roots } = treesOf(100_000, 100_000, 100_000)
  const [one = '', two = '', three = ''] = roots
  const first = trees.get(one)
  const second = trees.get(two)
  assert.equal(trees.get(one), first)
  assert.ok(trees.get(three))
  assert.equal(trees.get(one), first)
  assert.notEqual(trees.get(two), second)
})

test('one tree is kept, however large, and there is none where the layer is not known', () => {
  const { trees, roots } = treesOf(400_000)
  assert.equal(trees.get(roots[0]!), trees.get(roots[0]!))
  assert.equal(trees.get('none'), undefined)
})
