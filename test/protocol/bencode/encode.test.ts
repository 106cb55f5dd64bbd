import assert from 'node:assert/strict'
import { test } from 'node:test'
import bencode from 'bencode'
import fc from 'fast-check'
import { equalBytes, fromUtf8 } from '../../../src/base/bytes.js'
import { type BencodeInput, Deferred, encodeBencode } from '../../../src/protocol/bencode/encode.js'
import { METAINFO_LIMITS } from '../../../src/protocol/bencode/limits.js'
import { scanBencode } from '../../../src/protocol/bencode/scan.js'
import type { BencodeValue } from '../../../src/protocol/bencode/value.js'

const text = (value: BencodeInput) => fromUtf8(encodeBencode(value))

test('each kind of value', () => {
  assert.equal(text(0), 'i0e')
  assert.equal(text(-5), 'i-5e')
  assert.equal(text('ünï'), '5:ünï')
  assert.equal(text(['a', 1, []]), 'l1:ai1elee')
  assert.equal(text({ b: 1, a: [], none: undefined }), 'd1:ale1:bi1ee')
})

test('what is deferred is made in its turn', () => {
  const order: string[] = []
  const deferred = (name: string) =>
    new Deferred(() => {
      order.push(name)
      return name
    })
  assert.equal(text({ b: deferred('second'), a: [deferred('first')] }), 'd1:al5:firste1:b6:seconde')
  assert.deepEqual(order, ['first', 'second'])
})

test('keys are sorted as raw bytes, not as UTF-16', () => {
  // U+FF5E before U+1F600 in UTF-8, behind it in UTF-16.
  assert.equal(text({ '😀': 1, '～': 2, a: 3 }), 'd1:ai3e3:～i2e4:😀i1ee')
})

test('keys may be bytes', () => {
  const keys = [Uint8Array.of(0xff, 0), Uint8Array.of(0x80), Uint8Array.of(0xff)]
  const encoded = encodeBencode(new Map(keys.map(key => [key, 1])))
  assert.deepEqual(
    scanBencode(encoded, METAINFO_LIMITS).entries?.map(([key]) => [...key]),
    [[0x80], [0xff], [0xff, 0]],
  )
})

test('a number that is no exact integer is an error of the program', () => {
  for (const number of [1.5, Number.NaN, 2 ** 53]) assert.throws(() => encodeBencode(number), RangeError)
})

test('what is written is read back, and comes out sorted', () => {
  const { value } = fc.letrec<{ value: BencodeInput }>(tie => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.maxSafeInteger(),
      fc.string({ unit: 'grapheme' }),
      fc.uint8Array(),
      fc.array(tie('value')),
      fc.array(fc.tuple(fc.string({ unit: 'grapheme' }), tie('value'))).map(entries => new Map(entries)),
    ),
  }))
  fc.assert(
    fc.property(value, input => {
      const encoded = encodeBencode(input)
      const root = scanBencode(encoded, METAINFO_LIMITS)
      assert.deepEqual(root.oddities, [])
      assert.ok(equalBytes(encodeBencode(inputOf(root)), encoded))
    }),
  )
})

test('another library writes the same, and reads it', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.string({ unit: 'grapheme' }), (number, string) => {
      const encoded = encodeBencode({ a: number, b: [string, -number] })
      assert.ok(equalBytes(bencode.encode({ a: number, b: [string, -number] }), encoded))
      assert.equal(scanBencode(encoded, METAINFO_LIMITS).get('a')?.integer, bencode.decode(encoded).a)
    }),
  )
})

function inputOf(value: BencodeValue): BencodeInput {
  const { entries, items, integer, string } = value
  if (entries) return new Map(entries.map(([key, child]) => [key, inputOf(child)]))
  return items?.map(inputOf) ?? integer ?? string ?? assert.fail('a value without a kind')
}
