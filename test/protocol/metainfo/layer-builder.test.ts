import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inOneGo } from '../../../src/base/steps.js'
import { LayerBuilder } from '../../../src/protocol/metainfo/layer-builder.js'
import { BLOCK_LENGTH, type TorrentVersion } from '../../../src/protocol/metainfo/metainfo.js'
import { parseMetainfo } from '../../../src/protocol/metainfo/parse.js'
import type { PieceDigests } from '../../../src/protocol/metainfo/piece-hashes.js'
import { PieceHashes } from '../../../src/protocol/metainfo/piece-hashes.js'
import { PieceMap } from '../../../src/protocol/metainfo/piece-map.js'
import { contentOf, digests, makeTorrent } from './making.js'

const BAD = new Uint8Array(32)

/** A torrent that has lost its layers: `a` and `twin` are pieces 0 to 2 and 3 to 5, `b` is 6 and 7, `c` is 8. */
function setUp(version: TorrentVersion) {
  const same = contentOf(2 * BLOCK_LENGTH + 5)
  const files = [
    { path: ['a'], bytes: same },
    { path: ['a twin'], bytes: same },
    { path: ['b'], bytes: contentOf(2 * BLOCK_LENGTH, 2) },
    { path: ['c'], bytes: contentOf(7, 3) },
  ]
  const metainfo = parseMetainfo(makeTorrent(files, { version, pieceLength: BLOCK_LENGTH }), digests)
  const complete = new PieceHashes(metainfo, metainfo.pieceLayers)
  const hashes = new PieceHashes(metainfo, new Map())
  const map = new PieceMap(metainfo)
  const builder = new LayerBuilder(metainfo, hashes, digests)
  /** What a piece hashes to where its data is right. */
  const rightly = (piece: number): PieceDigests => {
    const file = map.fileOfPiece(piece)
    const first = file && map.piecesOf(file)?.first
    const layer = file?.piecesRoot && complete.layer(file.piecesRoot)
    const at = (piece - (first ?? 0)) * 32
    return {
      sha1: metainfo.pieces?.subarray(piece * 20, (piece + 1) * 20),
      root: layer?.subarray(at, at + 32) ?? file?.piecesRoot,
    }
  }
  return { builder, hashes, rightly, metainfo }
}

for (const version of ['v2', 'hybrid'] as const) {
  describe(`missing layers of a ${version} torrent`, () => {
    test('follow from the pieces of a file that is whole, in whatever order they come', () => {
      const { builder, hashes, rightly, metainfo } = setUp(version)
      for (const piece of [2, 0, 1]) builder.note(piece, rightly(piece))
      assert.deepEqual(inOneGo(builder.settle()), [0, 1, 2])
      const [a] = metainfo.entries
      assert.ok(a?.type === 'file' && a.piecesRoot)
      assert.deepEqual(
        hashes.layer(a.piecesRoot),
        metainfo.pieceLayers.get(Buffer.from(a.piecesRoot).toString('hex')),
      )
      assert.ok(hashes.matches(1, rightly(1)))
    })

    test('settle the parts that are there of a file of the same content', () => {
      const { builder, rightly } = setUp(version)
      for (const piece of [0, 1, 2, 4]) builder.note(piece, rightly(piece))
      builder.note(5, { ...rightly(5), root: BAD })
      assert.deepEqual(inOneGo(builder.settle()), [0, 1, 2, 4])
    })

    test('cannot be had where a piece is missing or wrong', () => {
      const { builder, hashes, rightly } = setUp(version)
      for (const piece of [0, 1]) builder.note(piece, rightly(piece))
      builder.note(2, { sha1: undefined, root: undefined })
      builder.note(6, rightly(6))
      builder.note(7, { ...rightly(7), root: BAD })
      assert.deepEqual(inOneGo(builder.settle()), [])
      assert.deepEqual(
        [0, 6].map(piece => hashes.isKnown(piece)),
        [false, false],
      )
    })
  })
}

test('a piece of a hybrid whose SHA-1 is wrong is wrong whatever its root', () => {
  const { builder, hashes, rightly } = setUp('hybrid')
  builder.note(6, rightly(6))
  builder.note(7, { ...rightly(7), sha1: new Uint8Array(20) })
  assert.deepEqual(inOneGo(builder.settle()), [])
  assert.equal(hashes.isKnown(6), false)
})
