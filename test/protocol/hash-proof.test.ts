import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { concatBytes, fromHex, toHex } from '../../src/base/bytes.js'
import {
  answerLength,
  type HashedFile,
  type HashRun,
  HashTree,
  isAnswerable,
  MAX_REQUESTED_HASHES,
  makeHashes,
  requestsForPieceLayer,
  verifyHashes,
  withLeavesOfPiece,
} from '../../src/protocol/hash-proof.js'
import { heightFor, pieceLayerHeight, rootOfLeaves } from '../../src/protocol/merkle.js'
import { BLOCK_LENGTH } from '../../src/protocol/metainfo/metainfo.js'
import { rootOfPieceLayer } from '../support/in-one-go.js'
import { contentOf, digests, leavesOf } from './metainfo/making.js'

/** A file that is known by its piece layer only; the hashes need no content behind them. */
function fileOf(
  pieces: number,
  pieceLength: number,
): { file: HashedFile; layer: Uint8Array; tree: HashTree } {
  const layer = concatBytes(
    Array.from({ length: pieces }, (_, i) => digests.sha256(Uint8Array.of(i, i >>> 8))),
  )
  const piecesRoot = rootOfPieceLayer(layer, pieceLength, digests)
  const tree = new HashTree(layer, pieceLayerHeight(pieceLength), digests)
  return { file: { length: pieces * pieceLength - 1, piecesRoot }, layer, tree }
}

function answer(request: HashRun, file: HashedFile, tree: HashTree): Uint8Array | undefined {
  return makeHashes(request, file, (layer, index) => tree.nodeAt(layer, index))
}

const pieceCounts = fc.oneof(
  fc.integer({ min: 2, max: 40 }),
  fc.constantFrom(511, 512, 513, 514, 1_024, 1_025, 1_600),
)
const pieceLengths = fc.constantFrom(1, 2, 8).map(blocks => blocks * BLOCK_LENGTH)

describe('requests for a piece layer', () => {
  test('a file of one piece needs none', () => {
    for (const length of [1, BLOCK_LENGTH, 2 * BLOCK_LENGTH]) {
      assert.deepEqual(
        requestsForPieceLayer({ length, piecesRoot: new Uint8Array(32) }, 2 * BLOCK_LENGTH),
        [],
      )
    }
  })

  test('a short layer is one request, its length a power of two, without uncles', () => {
    const { file } = fileOf(5, 4 * BLOCK_LENGTH)
    const requests = requestsForPieceLayer(file, 4 * BLOCK_LENGTH)
    assert.deepEqual(requests, [{ baseLayer: 2, index: 0, length: 8, proofLayers: 2 }])
    assert.deepEqual(requests.map(answerLength), [8])
  })

  test('a long layer is asked for in runs of 512, the rest as short as may be but never 1', () => {
    const { file } = fileOf(1_025, BLOCK_LENGTH)
    const requests = requestsForPieceLayer(file, BLOCK_LENGTH)
    assert.deepEqual(requests, [
      { baseLayer: 0, index: 0, length: 512, proofLayers: 10 },
      { baseLayer: 0, index: 512, length: 512, proofLayers: 10 },
      { baseLayer: 0, index: 1_024, length: 2, proofLayers: 10 },
    ])
    assert.deepEqual(requests.map(answerLength), [514, 514, 12])
  })

  test('they keep to the limits of BEP 52, and their answers make up the layer', () => {
    fc.assert(
      fc.property(pieceCounts, pieceLengths, (pieces, pieceLength) => {
        const { file, layer, tree } = fileOf(pieces, pieceLength)
        const parts = requestsForPieceLayer(file, pieceLength).map(request => {
          assert.ok(request.length >= 2 && request.length <= MAX_REQUESTED_HASHES)
          assert.equal(2 ** heightFor(request.length), request.length)
          assert.equal(request.index % request.length, 0)
          assert.ok(isAnswerable(request, file))
          const hashes = answer(request, file, tree)
          assert.equal(hashes?.length, answerLength(request) * 32)
          return (
            verifyHashes(request, hashes ?? new Uint8Array(0), file, digests) ?? assert.fail('not proven')
          )
        })
        assert.equal(toHex(concatBytes(parts)), toHex(layer))
      }),
    )
  })
})

describe('an answer is refused', () => {
  const { file, tree } = fileOf(600, BLOCK_LENGTH)
  const request = requestsForPieceLayer(file, BLOCK_LENGTH)[1] ?? assert.fail('two requests')
  const good = answer(request, file, tree) ?? assert.fail('an answer')

  test('when a bit of it is wrong, in the run as in the uncles', () => {
    const runWithData = (600 - request.index) * 32
    fc.assert(
      fc.property(fc.integer({ min: 0, max: good.length * 8 - 1 }), bit => {
        const byte = bit >>> 3
        const bad = good.slice()
        bad[byte] = (bad[byte] ?? 0) ^ (1 << (bit & 7))
        const isPadding = byte >= runWithData && byte < request.length * 32
        // What stands behind the end of the file is known here and needs no proof.
        assert.equal(verifyHashes(request, bad, file, digests) !== undefined, isPadding)
      }),
    )
  })

  test('when it is too long or too short', () => {
    for (const hashes of [good.subarray(32), good.subarray(0, -1), concatBytes([good, new Uint8Array(32)])]) {
      assert.equal(verifyHashes(request, hashes, file, digests), undefined)
    }
  })

  test('when it is for another place or another file', () => {
    assert.equal(verifyHashes({ ...request, index: 0 }, good, file, digests), undefined)
    assert.equal(verifyHashes(request, good, { ...file, piecesRoot: new Uint8Array(32) }, digests), undefined)
    assert.equal(verifyHashes(request, good, { ...file, length: BLOCK_LENGTH }, digests), undefined)
  })

  test('when its proof does not reach the root', () => {
    const short = { ...request, proofLayers: request.proofLayers - 1 }
    const hashes = answer(short, file, tree) ?? assert.fail('an answer')
    assert.equal(verifyHashes(short, hashes, file, digests), undefined)
  })

  test('when its whole run lies behind the end of the file', () => {
    const behind = { ...request, index: 768, length: 256 }
    assert.ok(isAnswerable(behind, file))
    assert.equal(
      verifyHashes(behind, answer(behind, file, tree) ?? new Uint8Array(0), file, digests),
      undefined,
    )
  })
})

describe('a request is rejected', () => {
  const { file, tree } = fileOf(600, 2 * BLOCK_LENGTH)
  const good: HashRun = { baseLayer: 1, index: 512, length: 128, proofLayers: 9 }
  const bad: [why: string, request: Partial<HashRun>][] = [
    ['a length that is no power of two', { length: 96, index: 480 }],
    ['a length of nothing', { length: 0 }],
    ['an index that is no multiple of the length', { index: 513 }],
    ['a run past the end of the layer', { index: 1_024 }],
    ['a run longer than the layer', { index: 0, length: 2_048 }],
    ['more proof than there are layers', { proofLayers: 10 }],
    ['a base above the root', { baseLayer: 11, index: 0, length: 2, proofLayers: 0 }],
    ['the root itself', { baseLayer: 11, index: 0, length: 1, proofLayers: 0 }],
    ['negative numbers', { index: -128 }],
    ['numbers out of all proportion', { index: 2 ** 31, length: 2 ** 31 }],
    ['nodes that are not known here', { baseLayer: 0, index: 0, length: 2, proofLayers: 10 }],
  ]
  test('but not a good one', () => assert.equal(answer(good, file, tree)?.length, answerLength(good) * 32))
  for (const [why, change] of bad) {
    test(why, () => assert.equal(answer({ ...good, ...change }, file, tree), undefined))
  }
})

describe('leaves of one piece', () => {
  const pieceLength = 4 * BLOCK_LENGTH
  const content = contentOf(6 * pieceLength - 2 * BLOCK_LENGTH + 5)
  const leaves = leavesOf(content)
  const file = { length: content.length, piecesRoot: rootOfLeaves(leaves, digests) }
  const layer = concatBytes(
    Array.from({ length: 6 }, (_, i) => rootOfLeaves(leaves.subarray(i * 128, (i + 1) * 128), digests, 2)),
  )
  const tree = new HashTree(layer, 2, digests)

  test('are served from the piece and the layer, and prove themselves', () => {
    for (const piece of [0, 3, 5]) {
      const ofPiece = leaves.subarray(piece * 128, (piece + 1) * 128)
      const request = { baseLayer: 0, index: piece * 4, length: 4, proofLayers: 4 }
      const source = withLeavesOfPiece(tree, piece, ofPiece, pieceLength, digests)
      const hashes = makeHashes(request, file, source) ?? assert.fail('an answer')
      assert.equal(toHex(verifyHashes(request, hashes, file, digests) ?? new Uint8Array(0)), toHex(ofPiece))
      // A part of the piece, with uncles inside and above it.
      const part = { baseLayer: 0, index: piece * 4, length: 2, proofLayers: 4 }
      const partHashes = makeHashes(part, file, source) ?? assert.fail('an answer')
      assert.equal(verifyHashes(part, partHashes, file, digests)?.length, Math.min(64, ofPiece.length))
    }
  })

  test('of another piece are not known', () => {
    const source = withLeavesOfPiece(tree, 1, leaves.subarray(128, 256), pieceLength, digests)
    assert.equal(makeHashes({ baseLayer: 0, index: 8, length: 4, proofLayers: 4 }, file, source), undefined)
    assert.equal(makeHashes({ baseLayer: 0, index: 0, length: 8, proofLayers: 4 }, file, source), undefined)
  })
})

test('a length of 1, as libtorrent asks for the last piece of 512 n + 1, is proven by its sibling first', () => {
  const { file, tree, layer } = fileOf(513, BLOCK_LENGTH)
  const request = { baseLayer: 0, index: 512, length: 1, proofLayers: 9 }
  const hashes = answer(request, file, tree) ?? assert.fail('an answer')
  assert.equal(hashes.length, (1 + 10) * 32)
  assert.deepEqual(hashes.subarray(32, 64), new Uint8Array(32))
  assert.equal(
    toHex(verifyHashes(request, hashes, file, digests) ?? new Uint8Array(0)),
    toHex(layer.subarray(-32)),
  )
})

test('answers are those that libtorrent gives', () => {
  const captured: {
    fileLength: number
    contentSeed: number
    piecesRoot: string
    answers: { request: HashRun; hashes: string[] }[]
  } = JSON.parse(readFileSync('fixtures/libtorrent-hashes.json', 'utf8'))
  const leaves = leavesOf(contentOf(captured.fileLength, captured.contentSeed))
  const piecesRoot = fromHex(captured.piecesRoot) ?? assert.fail('a root')
  const file = { length: captured.fileLength, piecesRoot }
  const tree = new HashTree(leaves, 0, digests)
  assert.equal(captured.answers.length, 4)
  for (const { request, hashes } of captured.answers) {
    assert.equal(toHex(answer(request, file, tree) ?? new Uint8Array(0)), hashes.join(''))
    const isWholeProof = request.proofLayers === 3
    const proven = verifyHashes(request, fromHex(hashes.join('')) ?? new Uint8Array(0), file, digests)
    assert.equal(proven !== undefined, isWholeProof)
  }
})
