import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { Bitfield } from '../../src/base/bitfield.js'

test('index 0 is the highest bit of the first byte', () => {
  const field = new Bitfield(10)
  field.add(0)
  field.add(9)
  assert.deepEqual(field.bytes, Uint8Array.of(0b1000_0000, 0b0100_0000))
})

test('a full field has no spare bits set', () => {
  for (const length of [0, 1, 7, 8, 9, 16, 17]) {
    const field = Bitfield.full(length)
    assert.equal(field.count, length)
    assert.ok(field.isFull)
    assert.notEqual(Bitfield.fromBytes(field.bytes, length), undefined)
  }
  assert.deepEqual(Bitfield.full(9).bytes, Uint8Array.of(0xff, 0x80))
})

test('bytes of the wrong size or with a spare bit set are no bitfield', () => {
  assert.equal(Bitfield.fromBytes(Uint8Array.of(0), 9), undefined)
  assert.equal(Bitfield.fromBytes(Uint8Array.of(0, 0, 0), 9), undefined)
  assert.equal(Bitfield.fromBytes(Uint8Array.of(0, 0b0100_0000), 9), undefined)
  assert.equal(Bitfield.fromBytes(Uint8Array.of(0xff, 0b1000_0000), 9)?.count, 9)
})

test('bytes are copied', () => {
  const bytes = Uint8Array.of(0xff)
  const field = Bitfield.fromBytes(bytes, 8)
  bytes.fill(0)
  assert.equal(field?.isFull, true)
})

test('an index outside the field is never in it', () => {
  const field = Bitfield.full(9)
  for (const index of [-1, 9, 15, 1_000]) {
    assert.equal(field.has(index), false)
    assert.equal(field.add(index), false)
    assert.equal(field.delete(index), false)
  }
  assert.equal(field.count, 9)
})

test('a field behaves as a set of indices', () => {
  const operation = fc.record({ add: fc.boolean(), index: fc.integer({ min: 0, max: 40 }) })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 41 }), fc.array(operation), (length, operations) => {
      const field = new Bitfield(length)
      const set = new Set<number>()
      for (const { add, index } of operations) {
        if (index >= length) continue
        if (add) assert.equal(field.add(index), !set.has(index))
        else assert.equal(field.delete(index), set.has(index))
        if (add) set.add(index)
        else set.delete(index)
      }
      const expected = [...set].sort((a, b) => a - b)
      assert.deepEqual([...field], expected)
      assert.deepEqual([...field.copy()], expected)
      assert.equal(field.count, set.size)
      assert.equal(field.isEmpty, set.size === 0)
      assert.equal(field.isFull, set.size === length)
      assert.equal(Bitfield.fromBytes(field.bytes, length)?.count, set.size)
      field.clear()
      assert.equal(field.count, 0)
      assert.deepEqual([...field], [])
    }),
  )
})

test('what two fields have in common is counted and found by its place', () => {
  const lists = fc.integer({ min: 1, max: 100 }).chain(length => {
    const indices = fc.array(fc.integer({ min: 0, max: length - 1 }), { maxLength: 60 })
    return fc.record({ length: fc.constant(length), a: indices, b: indices })
  })
  fc.assert(
    fc.property(lists, ({ length, a, b }) => {
      const [one, other] = [new Bitfield(length), new Bitfield(length)]
      for (const index of a) one.add(index)
      for (const index of b) other.add(index)
      const common = [...one].filter(index => other.has(index))
      assert.equal(one.countCommon(other), common.length)
      assert.deepEqual(
        common.map((_, n) => one.nthCommon(other, n)),
        common,
      )
      assert.equal(one.nthCommon(other, common.length), -1)
      assert.equal(one.firstCommon(other), common[0] ?? -1)
    }),
  )
})

test('what is in a range is counted', () => {
  const indices = fc.uniqueArray(fc.nat(149))
  fc.assert(
    fc.property(indices, fc.nat(150), fc.nat(150), (some, first, end) => {
      const field = new Bitfield(150)
      for (const index of some) field.add(index)
      assert.equal(field.countIn(first, end), some.filter(index => index >= first && index < end).length)
    }),
  )
})

test('what is in one set and not in another is visited once, also where the visit adds it to the other', () => {
  const indices = fc.uniqueArray(fc.nat(99))
  fc.assert(
    fc.property(indices, indices, (some, others) => {
      const [mine, theirs] = [new Bitfield(100), new Bitfield(100)]
      for (const index of some) mine.add(index)
      for (const index of others) theirs.add(index)
      const visited: number[] = []
      mine.visitWithout(theirs, index => {
        visited.push(index)
        theirs.add(index)
      })
      const expected = some.filter(index => !others.includes(index)).sort((a, b) => a - b)
      assert.deepEqual(visited, expected)
    }),
  )
})
