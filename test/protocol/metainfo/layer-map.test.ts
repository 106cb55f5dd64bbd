import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toHex } from '../../../src/base/bytes.js'
import { LayerMap } from '../../../src/protocol/metainfo/layer-map.js'

const COUNT = 50

test('layers show once they are proven, the first of those that are given for a root', () => {
  // Roots of 32 bytes and layers of 64, one behind the other; the last root is the one before it again.
  const bytes = Uint8Array.from({ length: COUNT * 96 }, (_, at) => (at % 96 < 32 ? Math.floor(at / 96) : at))
  bytes.copyWithin((COUNT - 1) * 96, (COUNT - 2) * 96, (COUNT - 2) * 96 + 32)
  const rootAt = (i: number): Uint8Array => bytes.subarray(i * 96, i * 96 + 32)
  const layerAt = (i: number): Uint8Array => bytes.subarray(i * 96 + 32, (i + 1) * 96)
  const layers = new LayerMap(bytes, COUNT, new Uint8Array(8))
  for (let i = 0; i < COUNT; i++) layers.give(rootAt(i), layerAt(i))
  assert.deepEqual([layers.givenCount, layers.size, [...layers]], [COUNT - 1, 0, []])
  assert.equal(layers.get(toHex(rootAt(3))), undefined)

  layers.prove(rootAt(COUNT - 1))
  layers.prove(rootAt(3))
  layers.prove(rootAt(3))
  assert.equal(layers.size, 2)
  assert.deepEqual(
    [...layers],
    [
      [toHex(rootAt(3)), layerAt(3)],
      [toHex(rootAt(COUNT - 2)), layerAt(COUNT - 2)],
    ],
  )
  assert.deepEqual([...layers.keys()], [...new Map(layers).keys()])
  assert.deepEqual(layers.get(toHex(rootAt(3))), layerAt(3))
  assert.deepEqual(layers.given(rootAt(4)), { layer: layerAt(4), isProven: false })
  assert.equal(layers.has(toHex(new Uint8Array(32).fill(255))), false)
  assert.equal(layers.has('no root'), false)
})
