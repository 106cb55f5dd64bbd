import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromUtf8, toUtf8 } from '../../../src/base/bytes.js'
import { METAINFO_LIMITS } from '../../../src/protocol/bencode/limits.js'
import { scanBencode } from '../../../src/protocol/bencode/scan.js'
import type { BencodeValue } from '../../../src/protocol/bencode/value.js'

function scan(text: string): BencodeValue {
  return scanBencode(toUtf8(text), METAINFO_LIMITS)
}

test('integers', () => {
  assert.equal(scan('i0e').integer, 0)
  assert.equal(scan('i-17e').integer, -17)
  assert.equal(scan('i9007199254740991e').integer, Number.MAX_SAFE_INTEGER)
})

test('an integer that is not exact as a number is none', () => {
  assert.equal(scan('i9007199254740993e').integer, undefined)
  assert.equal(scan('i-9999999999999999999e').integer, undefined)
})

test('strings of any bytes', () => {
  assert.deepEqual(
    scanBencode(Uint8Array.of(0x32, 0x3a, 0, 0xff), METAINFO_LIMITS).string,
    Uint8Array.of(0, 0xff),
  )
  assert.equal(scan('0:').text, '')
  assert.equal(scan('6:ünï!').text, 'ünï!')
  assert.equal(scan(`40:${'long '.repeat(8)}`).text, 'long '.repeat(8))
  assert.equal(scan('1::').text, ':')
})

test('lists and dictionaries', () => {
  const root = scan('d4:listli1e1:ad1:xi2eee5:valuei3ee')
  assert.deepEqual(
    root.get('list')?.items?.map(item => item.type),
    ['integer', 'string', 'dictionary'],
  )
  assert.equal(root.get('list')?.items?.[2]?.get('x')?.integer, 2)
  assert.equal(root.get('value')?.integer, 3)
  assert.deepEqual(
    root.entries?.map(([key]) => fromUtf8(key)),
    ['list', 'value'],
  )
})

test('a key is found only whole', () => {
  const root = scan('d0:i0e1:1i1e3:1:ai2e4:namei3ee')
  assert.equal(root.get('')?.integer, 0)
  assert.equal(root.get('1:a')?.integer, 2)
  assert.equal(root.get('a'), undefined)
  assert.equal(root.get('nam'), undefined)
})

test('asking a value for what it is not gives undefined', () => {
  for (const text of ['i1e', '1:a', 'le', 'de']) {
    const value = scan(text)
    const answers = [value.integer, value.string, value.items, value.entries]
    assert.equal(answers.filter(answer => answer !== undefined).length, 1)
    assert.equal(value.get('a'), undefined)
  }
})

test('raw bytes are those that came', () => {
  assert.deepEqual(scan('d4:infod1:bi1e1:ai2eee').get('info')?.raw, toUtf8('d1:bi1e1:ai2ee'))
})

test('__proto__ is a key as any other', () => {
  const root = scan('d9:__proto__d8:pollutedi1eee')
  assert.equal(root.get('__proto__')?.get('polluted')?.integer, 1)
  assert.equal(Object.hasOwn(Object.prototype, 'polluted'), false)
})
