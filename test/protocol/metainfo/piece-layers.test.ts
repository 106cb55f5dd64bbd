import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { concatBytes, toHex } from '../../../src/base/bytes.js'
import { type BencodeInput, encodeBencode } from '../../../src/protocol/bencode/encode.js'
import { parseMetainfo } from '../../../src/protocol/metainfo/parse.js'
import { rootOfPieceLayer } from '../../support/in-one-go.js'
import { leaf, PIECE_LENGTH, parsed, refused, v2 } from './crafting.js'
import { contentOf, digests, makeTorrent } from './making.js'

const LAYER = concatBytes([1, 2, 3].map(i => digests.sha256(Uint8Array.of(i))))
const ROOT = rootOfPieceLayer(LAYER, PIECE_LENGTH, digests)
const INFO = v2({ file: leaf(2 * PIECE_LENGTH + 1, { 'pieces root': ROOT }) })

function withLayers(layers: ReadonlyMap<Uint8Array, BencodeInput>, info = INFO) {
  return parseMetainfo(encodeBencode({ info, 'piece layers': layers }), digests)
}

describe('piece layers', () => {
  test('are kept under their roots', () => {
    const { pieceLayers, warnings } = withLayers(new Map([[ROOT, LAYER]]))
    assert.deepEqual([...pieceLayers], [[toHex(ROOT), LAYER]])
    assert.deepEqual(warnings, [])
  })

  test('are shared by files of the same content', () => {
    const twin = leaf(2 * PIECE_LENGTH + 1, { 'pieces root': ROOT })
    const metainfo = withLayers(new Map([[ROOT, LAYER]]), v2({ a: twin, b: twin }))
    assert.equal(metainfo.pieceLayers.size, 1)
    assert.deepEqual(metainfo.warnings, [])
  })

  test('that are missing are let through with a warning, as peers have them', () => {
    const words = ['piece layers: 1 missing, peers will be asked for them']
    assert.deepEqual(parsed(INFO).warnings, words)
    assert.deepEqual(withLayers(new Map()).warnings, words)
    assert.equal(parsed(INFO).pieceLayers.size, 0)
  })

  test('of files that are not there, or of one piece only, are ignored with a warning', () => {
    const onePiece = new Uint8Array(32).fill(1)
    const metainfo = withLayers(
      new Map([
        [ROOT, LAYER],
        [new Uint8Array(32), LAYER],
        [onePiece, onePiece],
      ]),
      v2({
        a: leaf(2 * PIECE_LENGTH + 1, { 'pieces root': ROOT }),
        b: leaf(PIECE_LENGTH, { 'pieces root': onePiece }),
      }),
    )
    assert.equal(metainfo.pieceLayers.size, 1)
    assert.deepEqual(metainfo.oddities, [
      'piece layers: 2 ignored, no file longer than a piece has such a root',
    ])
  })

  test('are not looked at in v1', () => {
    const bytes = makeTorrent([{ path: ['a'], bytes: contentOf(50_000) }], { version: 'v1' })
    assert.equal(parseMetainfo(bytes, digests).pieceLayers.size, 0)
  })
})

describe('piece layers are refused', () => {
  const key = `piece layers.${toHex(ROOT)}`

  test('when they do not lead to the root', () => {
    const wrong = LAYER.slice()
    wrong[95] = (wrong[95] ?? 0) ^ 1
    refused(
      () => withLayers(new Map([[ROOT, wrong]])),
      'inconsistent',
      key,
      'does not lead to the pieces root',
    )
  })

  test('when they are too short or too long, padding included', () => {
    for (const layer of [LAYER.subarray(32), concatBytes([LAYER, new Uint8Array(32)]), LAYER.subarray(1)]) {
      const words = `must be 96 bytes, is ${layer.length}`
      refused(() => withLayers(new Map([[ROOT, layer]])), 'inconsistent', key, words)
    }
  })

  test('when two files of different length share a root', () => {
    const tree = {
      a: leaf(2 * PIECE_LENGTH + 1, { 'pieces root': ROOT }),
      b: leaf(3 * PIECE_LENGTH + 1, { 'pieces root': ROOT }),
    }
    refused(
      () => withLayers(new Map([[ROOT, LAYER]]), v2(tree)),
      'inconsistent',
      key,
      'must be 128 bytes, is 96',
    )
  })
})

describe('piece layers are passed over', () => {
  const missing = 'piece layers: 1 missing, peers will be asked for them'

  test('where a key is no root or a value no string', () => {
    const { pieceLayers, warnings } = withLayers(
      new Map<Uint8Array, BencodeInput>([
        [ROOT.subarray(1), LAYER],
        [ROOT, LAYER],
        [new Uint8Array(32), 5],
      ]),
    )
    assert.deepEqual([...pieceLayers.keys()], [toHex(ROOT)])
    assert.deepEqual(warnings, ['piece layers: 2 ignored, a layer is a string under 32 bytes'])
    assert.deepEqual(withLayers(new Map([[ROOT, []]])).warnings, [
      'piece layers: 1 ignored, a layer is a string under 32 bytes',
      missing,
    ])
  })

  test('where they are no dictionary', () => {
    for (const odd of ['x', 5, []]) {
      const metainfo = parsed(INFO, { 'piece layers': odd })
      assert.equal(metainfo.pieceLayers.size, 0)
      assert.deepEqual(metainfo.warnings, [missing])
      assert.deepEqual(metainfo.oddities, ['piece layers: ignored, must be a dictionary'])
    }
  })
})
