import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import {
  compareAsUtf8,
  compareBytes,
  concatBytes,
  equalBytes,
  fromHex,
  fromUtf8,
  toHex,
  toUtf8,
} from '../../src/base/bytes.js'

test('hexadecimal is lower case, two digits a byte, and comes back', () => {
  assert.equal(toHex(Uint8Array.of(0, 1, 0xab, 0xff)), '0001abff')
  fc.assert(fc.property(fc.uint8Array(), bytes => equalBytes(fromHex(toHex(bytes)) ?? toUtf8('?'), bytes)))
})

test('hexadecimal is read in either case, and nothing else is read', () => {
  assert.deepEqual(fromHex('AbCd'), Uint8Array.of(0xab, 0xcd))
  assert.deepEqual(fromHex(''), new Uint8Array(0))
  for (const text of ['a', 'abc', 'zz', '0x12', '1 ', '+1', ' 1', 'ａａ'])
    assert.equal(fromHex(text), undefined)
})

test('UTF-8 comes back, a byte order mark included, and bytes that are none become U+FFFD', () => {
  for (const text of ['', 'plain', 'ünï 日本 😀', '\ufeffmark']) assert.equal(fromUtf8(toUtf8(text)), text)
  assert.equal(fromUtf8(Uint8Array.of(0x61, 0xff, 0x62)), 'a\ufffdb')
})

test('bytes compare as raw strings do, a shorter prefix first', () => {
  fc.assert(
    fc.property(fc.uint8Array(), fc.uint8Array(), (a, b) => {
      assert.equal(Math.sign(compareBytes(a, b)), Buffer.compare(a, b))
      assert.equal(equalBytes(a, b), Buffer.compare(a, b) === 0)
    }),
  )
})

test('joining bytes keeps their order', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), parts => {
      assert.deepEqual(concatBytes(parts), Uint8Array.from(parts.flatMap(part => [...part])))
    }),
  )
})

test('texts are compared as their bytes in UTF-8 are', () => {
  const unit = fc.oneof(
    fc.constantFrom('a', 'b', '\u{e000}', '\u{ffff}', '\u{10000}'),
    fc.string({ unit: 'binary' }),
  )
  const text = fc.array(unit, { maxLength: 4 }).map(units => units.join(''))
  fc.assert(
    fc.property(text, text, (a, b) => {
      assert.equal(Math.sign(compareAsUtf8(a, b)), Math.sign(compareBytes(toUtf8(a), toUtf8(b))))
    }),
  )
})
