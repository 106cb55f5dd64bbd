import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { NameIndex } from '../../../../src/protocol/metainfo/reading/name-index.js'

const thing = fc.record({ place: fc.nat(3), name: fc.uint8Array({ maxLength: 9 }) })

test('an index of names finds what a map would', () => {
  fc.assert(
    fc.property(
      fc.array(thing, { maxLength: 200 }),
      fc.uint8Array({ minLength: 8, maxLength: 8 }),
      (things, key) => {
        const index = new NameIndex(
          { placeOf: i => things[i]?.place ?? 0, nameOf: i => things[i]?.name ?? new Uint8Array() },
          key,
        )
        const map = new Map<string, number>()
        for (const [i, { place, name }] of things.entries()) {
          assert.equal(index.find(place, name), map.get(`${place}/${name}`))
          index.put(i)
          map.set(`${place}/${name}`, i)
        }
        assert.equal(index.size, map.size)
        for (const { place, name } of things) {
          assert.equal(index.find(place, name), map.get(`${place}/${name}`))
          assert.equal(index.find(place + 4, name), undefined)
        }
      },
    ),
  )
})

test('names spread over the index, and otherwise with another key', () => {
  const names = Array.from({ length: 20_000 }, (_, i) => Buffer.from(`file ${i}.bin`))
  const compared = (key: Uint8Array): number => {
    let count = 0
    const index = new NameIndex(
      {
        placeOf: () => {
          count++
          return 0
        },
        nameOf: i => names[i] ?? new Uint8Array(),
      },
      key,
    )
    for (const i of names.keys()) index.put(i)
    return count
  }
  // One call for each name that is put in; others only where all 32 bits of two hashes are alike.
  for (const key of [new Uint8Array(8), new Uint8Array(8).fill(7)]) assert.ok(compared(key) < 20_010)
})
