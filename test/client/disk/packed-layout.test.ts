import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { indexed } from '../../../src/client/disk/layout.js'
import { packLayout, unpackLayout } from '../../../src/client/disk/packed-layout.js'
import type { ContentEntry } from '../../../src/protocol/metainfo/metainfo.js'

const component = fc.string({ unit: 'grapheme', minLength: 1 }).filter(text => !text.includes('\0'))
const path = fc.array(component, { minLength: 1, maxLength: 4 })
const place = { length: fc.nat(2 ** 40), offset: fc.nat(2 ** 50) }

const entry: fc.Arbitrary<ContentEntry> = fc.oneof(
  fc.record({
    type: fc.constant('file' as const),
    path,
    ...place,
    isExecutable: fc.boolean(),
    sha256: fc.constant(undefined),
    piecesRoot: fc.constant(undefined),
  }),
  fc.record({ type: fc.constant('pad' as const), path: fc.constant([]), ...place }),
  fc.record({
    type: fc.constant('symlink' as const),
    path,
    target: fc.array(component, { maxLength: 3 }),
    ...place,
  }),
)

test('what is packed for the workers comes out as it was, but for the paths of pads', () => {
  fc.assert(
    fc.property(fc.array(entry), entries => {
      const facts = {
        version: 'v1',
        name: 'ünï',
        isFolder: true,
        pieceLength: 16_384,
        pieceCount: 9,
      } as const
      const { entries: unpacked, ...others } = unpackLayout(
        structuredClone(packLayout({ ...facts, entries })),
      )
      assert.deepEqual(others, facts)
      assert.equal(unpacked.length, entries.length)
      const found = [...indexed(unpacked)].map(([, { ...each }]) => each)
      assert.deepEqual(
        found,
        entries.map(({ ...each }) => each),
      )
      assert.equal(unpacked.at(entries.length), undefined)
    }),
  )
})
