import assert from 'node:assert/strict'
import { createHash, createPublicKey, verify } from 'node:crypto'
import { describe, it } from 'node:test'
import { decodeKrpc } from '../../../src/protocol/dht/decode.js'
import { hashedBytes, signedBytes } from '../../../src/protocol/dht/items.js'
import type { StoredValue } from '../../../src/protocol/dht/messages.js'

const hex = (text: string) => new Uint8Array(Buffer.from(text, 'hex'))
const ascii = (text: string) => new Uint8Array(Buffer.from(text, 'latin1'))
const sha1 = (bytes: Uint8Array) => createHash('sha1').update(bytes).digest('hex')

const PUBLIC_KEY = hex('77ff84905a91936367c01360803104f92432fcd904a43511876df5cdf3e7e548')

function mutable(salt: string, signature: string): StoredValue & { type: 'mutable' } {
  const value = ascii('12:Hello World!')
  return {
    type: 'mutable',
    value,
    publicKey: PUBLIC_KEY,
    signature: hex(signature),
    sequence: 1,
    salt: ascii(salt),
  }
}

/** As they stand in BEP 44. */
const VECTORS = [
  {
    what: 'without salt',
    item: mutable(
      '',
      '305ac8aeb6c9c151fa120f120ea2cfb923564e11552d06a5d856091e5e853cff1260d3f39e4999684aa92eb73ffd136e6f4f3ecbfda0ce53a1608ecd7ae21f01',
    ),
    signed: '3:seqi1e1:v12:Hello World!',
    target: '4a533d47ec9c7d95b1ad75f576cffc641853b750',
  },
  {
    what: 'with salt',
    item: mutable(
      'foobar',
      '6834284b6b24c3204eb2fea824d82f88883a3d95e8b4a21b8c0ded553d17d17ddf9a8a7104b1258f30bed3787e6cb896fca78c58f8e03b5f18f14951a87d9a08',
    ),
    signed: '4:salt6:foobar3:seqi1e1:v12:Hello World!',
    target: '411eba73b6f087ca51a3795d9c8c938d365e32c1',
  },
]

describe('an item (BEP 44)', () => {
  for (const { what, item, signed, target } of VECTORS) {
    it(`that is mutable, ${what}, is signed and found as the BEP states`, () => {
      assert.equal(Buffer.from(signedBytes(item)).toString('latin1'), signed)
      assert.equal(sha1(hashedBytes(item)), target)
      const der = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), PUBLIC_KEY])
      const key = createPublicKey({ key: der, format: 'der', type: 'spki' })
      assert.ok(verify(null, signedBytes(item), key, item.signature))
    })
  }

  it('that is immutable is found by the hash of its bencoded value', () => {
    const item: StoredValue = { type: 'immutable', value: ascii('12:Hello World!') }
    assert.equal(sha1(hashedBytes(item)), 'e5f96f6f38320f0f33959cb4d3d656452117aadb')
  })
})

describe('a put', () => {
  const put = (rest: string) => ascii(`d1:ad2:id20:abcdefghij0123456789${rest}e1:q3:put1:t2:aa1:y1:qe`)
  const codeOf = (datagram: Uint8Array) => {
    const message = decodeKrpc(datagram)
    return typeof message === 'string' ? message : message.type === 'bad-query' ? message.code : message.type
  }
  const key = `1:k32:${'k'.repeat(32)}`
  const signature = `3:sig64:${'s'.repeat(64)}`

  for (const [what, rest, code] of [
    ['of a value of 1,000 bytes is read', `5:token1:t1:v996:${'v'.repeat(996)}`, 'query'],
    ['of a larger one has the error 205', `5:token1:t1:v997:${'v'.repeat(997)}`, 205],
    [
      'with a salt of 64 bytes is read',
      `${key}4:salt64:${'a'.repeat(64)}3:seqi1e${signature}5:token1:t1:v1:v`,
      'query',
    ],
    [
      'with a longer one has the error 207',
      `${key}4:salt65:${'a'.repeat(65)}3:seqi1e${signature}5:token1:t1:v1:v`,
      207,
    ],
    ['without a value is refused', '5:token1:t', 203],
    ['without a token is refused', '1:v1:v', 203],
    ['of a dictionary out of order is refused', '5:token1:t1:vd1:bi1e1:ai1ee', 203],
    ['of an integer with a leading zero is refused', '5:token1:t1:vi01e', 203],
    ['out of order elsewhere is read', '1:v1:v5:token1:t', 'query'],
    ['with a key of 31 bytes is refused', `1:k31:${'k'.repeat(31)}3:seqi1e${signature}5:token1:t1:v1:v`, 203],
    ['without a sequence number is refused', `${key}${signature}5:token1:t1:v1:v`, 203],
    ['with a negative one is refused', `${key}3:seqi-1e${signature}5:token1:t1:v1:v`, 203],
    ['without a signature is refused', `${key}3:seqi1e5:token1:t1:v1:v`, 203],
  ] as const) {
    it(what, () => assert.equal(codeOf(put(rest)), code))
  }
})
