import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromHex, toHex } from '../../../src/base/bytes.js'
import { SeededRandom } from '../../../src/base/random.js'
import { Rc4 } from '../../../src/protocol/encryption/rc4.js'

/** Of RFC 6229: key, and 16 bytes of its stream from offsets 0, 1008, 1024 and 4096 on. */
const VECTORS: readonly (readonly [key: string, parts: readonly string[]])[] = [
  [
    '0102030405',
    [
      'b2396305f03dc027ccc3524a0a1118a8',
      '45129048e6a0ed0b56b490338f078da5',
      '30abbcc7c20b01609f23ee2d5f6bb7df',
      'ff25b58995996707e51fbdf08b34d875',
    ],
  ],
  [
    '0102030405060708090a0b0c0d0e0f10',
    [
      '9ac7cc9a609d1ef7b2932899cde41b97',
      'e7a72574f8782ae26aabcf9ebcd66065',
      'bdf0324e6083dcc6d3cedd3ca8c53c16',
      'a36a4c301ae8ac13610ccbc12256cacc',
    ],
  ],
  [
    '1ada31d5cf688221c109163908ebe51debb46227c6cc8b37641910833222772a',
    [
      'dd5bcb0018e922d494759d7c395d02d3',
      '5f40d59ec1b03b33738efa60b2255d31',
      '3477c7f764a41baceff90bf14f92b7cc',
      '370b1c1fe655916d97fd0d47ca1d72b8',
    ],
  ],
]
const OFFSETS = [0, 1008, 1024, 4096]

function key(hex: string): Uint8Array {
  return fromHex(hex)!
}

describe('RC4', () => {
  for (const [hex, parts] of VECTORS) {
    it(`has the stream of RFC 6229 for a key of ${hex.length * 4} bits`, () => {
      const stream = new Uint8Array(4112)
      new Rc4(key(hex)).apply(stream)
      assert.deepEqual(
        OFFSETS.map(offset => toHex(stream.subarray(offset, offset + 16))),
        parts,
      )
    })
  }

  it('throws the first 1,024 bytes away', () => {
    const [hex, parts] = VECTORS[0]!
    const stream = new Uint8Array(16)
    Rc4.pastTelltale(key(hex)).apply(stream)
    assert.equal(toHex(stream), parts[2])
  })

  it('goes on where it was, whatever the lengths and however the bytes lie in memory', () => {
    const random = new SeededRandom(1)
    const whole = new Uint8Array(20_000)
    new Rc4(key('0102030405')).apply(whole)
    const cipher = new Rc4(key('0102030405'))
    for (let at = 0; at < whole.length; ) {
      const length = Math.min(
        random.below(40) === 0 ? random.below(5_000) : random.below(12),
        whole.length - at,
      )
      const shift = random.below(8)
      const bytes = new Uint8Array(length + shift + 3).fill(7)
      cipher.apply(bytes.subarray(shift, shift + length))
      const plain = bytes.subarray(shift, shift + length).map(byte => byte ^ 7)
      assert.deepEqual(plain, whole.slice(at, at + length))
      assert.ok(
        bytes.subarray(0, shift).every(byte => byte === 7),
        'bytes before were touched',
      )
      assert.ok(
        bytes.subarray(shift + length).every(byte => byte === 7),
        'bytes behind were touched',
      )
      at += length
    }
  })
})
