import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { percentDecode, percentEncode, queryPairs } from '../../../src/protocol/tracker/percent.js'

describe('percent-encoding of raw bytes', () => {
  it('brings any bytes back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), bytes => {
        assert.deepEqual(percentDecode(percentEncode(bytes)), bytes)
      }),
    )
  })

  it('is left as it is by a reader of URLs', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), bytes => {
        const query = `?info_hash=${percentEncode(bytes)}`
        assert.equal(new URL(`http://tracker.example/announce${query}`).search, query)
      }),
    )
  })

  it('escapes everything but unreserved characters, in upper case', () => {
    assert.equal(percentEncode(Uint8Array.of(0x00, 0x41, 0x2d, 0x7e, 0x20, 0x2b, 0xff)), '%00A-~%20%2B%FF')
  })

  it('reads lower case, bare bytes and a bare plus', () => {
    assert.deepEqual(percentDecode('%fFa+\xe9'), Uint8Array.of(0xff, 0x61, 0x2b, 0xe9))
  })

  it('refuses broken escapes and characters that are no byte', () => {
    for (const text of ['%', '%1', '%1g', '%%41', 'a%', '\u0100'])
      assert.equal(percentDecode(text), undefined, text)
  })
})

describe('the parts of a query', () => {
  it('are split at the first equals sign, and those without a key passed over', () => {
    const pairs = [...queryPairs('a=1&b=2=3&&c&=4&d=')]
    assert.deepEqual(pairs, [
      ['a', '1'],
      ['b', '2=3'],
      ['d', ''],
    ])
  })
})
