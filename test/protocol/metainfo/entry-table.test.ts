import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { packLayout, unpackLayout } from '../../../src/client/disk/packed-layout.js'
import { padPath } from '../../../src/protocol/metainfo/entry-table.js'
import { EntryTableBuilder, tableOf } from '../../../src/protocol/metainfo/entry-table-builder.js'
import type { ContentEntry } from '../../../src/protocol/metainfo/metainfo.js'
import { plainEntries } from '../../support/plain-entries.js'

// Paths that are not safe yet hold anything.
const component = fc.oneof(fc.string({ unit: 'grapheme' }), fc.constantFrom('', '\0', 'ÿþ', '𝄞'))
const path = fc.array(component, { minLength: 1, maxLength: 4 })
const place = { length: fc.nat(2 ** 40), offset: fc.nat(2 ** 50) }
const hash = fc.option(fc.uint8Array({ minLength: 32, maxLength: 32 }), { nil: undefined })

const entry: fc.Arbitrary<ContentEntry> = fc.oneof(
  fc.record({
    type: fc.constant('file' as const),
    path,
    ...place,
    isExecutable: fc.boolean(),
    sha256: hash,
    piecesRoot: hash,
  }),
  fc
    .record({ type: fc.constant('pad' as const), ...place })
    .map(pad => ({ ...pad, path: padPath(pad.length) })),
  fc.record({
    type: fc.constant('symlink' as const),
    path,
    target: fc.array(component, { maxLength: 3 }),
    ...place,
  }),
)

test('entries come out of a table as they went in', () => {
  fc.assert(
    fc.property(fc.array(entry), entries => {
      const builder = new EntryTableBuilder()
      for (const each of entries) builder.add(each)
      for (const table of [builder.view(), builder.finish()]) {
        assert.equal(table.length, entries.length)
        assert.deepEqual(plainEntries(table), plainEntries(entries))
        assert.equal(table.at(entries.length), undefined)
      }
    }),
  )
})

test('workers get all but the hashes, in memory that is not copied', () => {
  fc.assert(
    fc.property(fc.array(entry), entries => {
      const facts = {
        version: 'v1',
        name: 'ünï',
        isFolder: true,
        pieceLength: 16_384,
        pieceCount: 9,
      } as const
      const table = tableOf(entries)
      const packed = packLayout({ ...facts, entries: table })
      assert.equal(packed.entries, table.packed)
      const { entries: unpacked, ...others } = unpackLayout(structuredClone(packed))
      assert.deepEqual(others, facts)
      const without = entries.map(each =>
        each.type === 'file' ? { ...each, sha256: undefined, piecesRoot: undefined } : each,
      )
      assert.deepEqual(plainEntries(unpacked), plainEntries(without))
      assert.equal(tableOf(unpacked), unpacked)
    }),
  )
})
