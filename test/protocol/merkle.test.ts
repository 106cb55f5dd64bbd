import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { concatBytes, toHex } from '../../src/base/bytes.js'
import { heightFor, layerAbove, padHash, pieceLayerHeight, rootOfLeaves } from '../../src/protocol/merkle.js'
import { BLOCK_LENGTH } from '../../src/protocol/metainfo/metainfo.js'
import { rootOfPiece, rootOfPieceLayer } from '../support/in-one-go.js'
import { digests } from './metainfo/making.js'

const ZEROS = new Uint8Array(32)

/** The definition: leaves filled up with zeros to a power of two, and hashed in pairs until one is left. */
function rootByDefinition(leaves: Uint8Array[], leafCount: number): Uint8Array {
  let nodes = [...leaves, ...new Array<Uint8Array>(leafCount - leaves.length).fill(ZEROS)]
  while (nodes.length > 1) {
    nodes = nodes.flatMap((node, i) =>
      i % 2 === 0 ? [digests.sha256(concatBytes([node, nodes[i + 1] ?? ZEROS]))] : [],
    )
  }
  return nodes[0] ?? ZEROS
}

function leaf(i: number): Uint8Array {
  return digests.sha256(Uint8Array.of(i, i >>> 8))
}

const leafCounts = fc.integer({ min: 1, max: 70 })

test('a tree is as high as the next power of two asks for', () => {
  const counts = [1, 2, 3, 4, 5, 8, 9, 512, 513, 2 ** 21, 2 ** 40]
  assert.deepEqual(counts.map(heightFor), [0, 1, 2, 2, 3, 3, 4, 9, 10, 21, 40])
})

test('one node covers a piece at the height of the piece', () => {
  const lengths = [16, 32, 64, 1_024, 65_536].map(kib => kib * 1_024)
  assert.deepEqual(lengths.map(pieceLayerHeight), [0, 1, 2, 6, 12])
})

test('padding is the tree over leaves of zeros', () => {
  for (let height = 0; height < 8; height++) {
    assert.equal(toHex(padHash(height, digests)), toHex(rootByDefinition([], 2 ** height)))
  }
  // SHA-256 of 64 zeros, as anyone can compute it.
  assert.equal(toHex(padHash(1, digests)), 'f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b')
})

describe('roots', () => {
  test('the root of one leaf is the leaf', () => {
    assert.deepEqual(rootOfLeaves(leaf(1), digests), leaf(1))
  })

  test('the root over leaves is that of the definition, at the smallest height or a given one', () => {
    fc.assert(
      fc.property(leafCounts, fc.integer({ min: 0, max: 3 }), (count, more) => {
        const leaves = Array.from({ length: count }, (_, i) => leaf(i))
        const height = heightFor(count)
        const joined = concatBytes(leaves)
        assert.deepEqual(rootOfLeaves(joined, digests), rootByDefinition(leaves, 2 ** height))
        assert.deepEqual(
          rootOfLeaves(joined, digests, height + more),
          rootByDefinition(leaves, 2 ** (height + more)),
        )
      }),
    )
  })

  test('pieces hash to a layer that has the root of the whole', () => {
    fc.assert(
      fc.property(leafCounts, fc.integer({ min: 0, max: 4 }), (count, pieceHeight) => {
        const leaves = Array.from({ length: count }, (_, i) => leaf(i))
        const pieceLength = BLOCK_LENGTH * 2 ** pieceHeight
        const file = { length: count * BLOCK_LENGTH - 1 }
        const pieces: Uint8Array[] = []
        for (let at = 0; at < count; at += 2 ** pieceHeight) {
          const ofPiece = concatBytes(leaves.slice(at, at + 2 ** pieceHeight))
          pieces.push(rootOfPiece(ofPiece, file, pieceLength, digests))
        }
        const root = rootByDefinition(leaves, 2 ** heightFor(count))
        if (pieces.length > 1) {
          const layer = concatBytes(pieces)
          assert.deepEqual(rootOfPieceLayer(layer, pieceLength, digests), root)
        } else {
          assert.deepEqual(pieces[0], root)
        }
      }),
    )
  })

  test('what is given is not changed, and what comes out is no view of it', () => {
    const leaves = Buffer.concat([leaf(0), leaf(1), leaf(2)])
    const before = toHex(leaves)
    layerAbove(leaves, 0, digests)
    rootOfLeaves(leaves, digests).fill(0)
    rootOfLeaves(leaves.subarray(0, 32), digests).fill(0)
    assert.equal(toHex(leaves), before)
  })
})
