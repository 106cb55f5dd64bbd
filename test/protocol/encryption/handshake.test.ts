import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { concatBytes } from '../../../src/base/bytes.js'
import { SeededRandom } from '../../../src/base/random.js'
import type { CryptoMethod } from '../../../src/protocol/encryption/crypto-method.js'
import { KEY_LENGTH, publicKeyOf, sharedSecret } from '../../../src/protocol/encryption/diffie-hellman.js'
import {
  EncryptionError,
  type EncryptionErrorCode,
} from '../../../src/protocol/encryption/encryption-error.js'
import {
  streamCiphers,
  synchronizationMark,
  torrentMark,
} from '../../../src/protocol/encryption/stream-keys.js'
import { BOTH, Fed, INFO_HASH, INITIAL, initiator, randomBytes, responder, sha1 } from './sides.js'

/** Lets both talk until they agree. */
function agree(
  seed: number,
  partLength: () => number,
  methods: { a?: CryptoMethod[]; b?: CryptoMethod[] } = {},
) {
  const first = initiator(seed, { methods: methods.a ?? BOTH })
  const a = new Fed(first)
  const b = new Fed(responder(seed, { methods: methods.b ?? BOTH }))
  let said = b.feed(first.begin(), partLength)
  said = b.feed(a.feed(said, partLength), partLength)
  a.feed(said, partLength)
  assert.ok(a.agreement !== undefined && b.agreement !== undefined)
  return { a, b, ofA: a.agreement, ofB: b.agreement }
}

function assertRefused(code: EncryptionErrorCode, act: () => unknown): void {
  assert.throws(act, error => error instanceof EncryptionError && error.code === code)
}

describe('both sides', () => {
  it('agree byte by byte, and the first words come over', () => {
    const { b, ofA, ofB } = agree(1, () => 1)
    assert.equal(ofA.method, 'plaintext')
    assert.equal(ofB.method, 'plaintext')
    assert.equal(ofB.initialBytes, INITIAL.length)
    ofB.decrypt.apply(b.rest)
    assert.deepEqual(b.rest, INITIAL)
  })

  it('agree however the bytes are split, and both directions go on in step', () => {
    for (let seed = 2; seed < 60; seed++) {
      const random = new SeededRandom(seed)
      const { a, b, ofA, ofB } = agree(seed, () => 1 + random.below(300))
      const message = `seed ${seed}`
      ofB.decrypt.apply(b.rest)
      assert.deepEqual(b.rest, INITIAL, message)
      assert.equal(a.rest.length, 0, message)
      for (const [from, to] of [
        [ofA, ofB],
        [ofB, ofA],
      ] as const) {
        const sent = randomBytes(random, 1_000)
        const bytes = sent.slice()
        from.encrypt.apply(bytes)
        assert.notDeepEqual(bytes, sent, message)
        to.decrypt.apply(bytes)
        assert.deepEqual(bytes, sent, message)
      }
    }
  })

  it('take what the responder likes best of what is offered', () => {
    const whole = () => 10_000
    assert.equal(agree(3, whole, { b: ['rc4', 'plaintext'] }).ofA.method, 'rc4')
    assert.equal(agree(3, whole, { a: ['rc4'] }).ofA.method, 'rc4')
    assert.equal(agree(3, whole, { b: ['rc4'] }).ofA.method, 'rc4')
    assert.equal(agree(3, whole, { a: ['plaintext'] }).ofA.method, 'plaintext')
  })

  it('have no method in common', () => {
    assertRefused('bad-method', () => agree(4, () => 10_000, { a: ['plaintext'], b: ['rc4'] }))
  })

  it('compute the same secret, and refuse keys that make it a known one', () => {
    const mine = new Uint8Array(20).fill(3)
    const theirs = new Uint8Array(20).fill(9)
    assert.deepEqual(sharedSecret(mine, publicKeyOf(theirs)), sharedSecret(theirs, publicKeyOf(mine)))
    const minusOne = publicKeyOf(new Uint8Array(20)).fill(0xff)
    for (const key of [new Uint8Array(KEY_LENGTH), publicKeyOf(new Uint8Array(20)), minusOne])
      assert.equal(sharedSecret(mine, key), undefined)
  })
})

describe('the responder', () => {
  it('refuses a public key that is none', () => {
    assertRefused('bad-key', () => responder(1).push(new Uint8Array(KEY_LENGTH)))
  })

  it('looks for the end of the padding no farther than it may be', () => {
    const side = responder(1)
    side.push(publicKeyOf(new Uint8Array(20).fill(3)))
    side.push(new Uint8Array(512 + 19))
    assertRefused('no-sync', () => side.push(new Uint8Array(1)))
  })

  it('takes the longest padding', () => {
    const first = initiator(5, { padding: new Uint8Array(512).fill(1) })
    const b = new Fed(responder(5))
    const a = new Fed(first)
    b.feed(
      a.feed(
        b.feed(first.begin(), () => 7),
        () => 7,
      ),
      () => 7,
    )
    assert.ok(b.agreement !== undefined)
  })

  it('does not talk about torrents that it has not', () => {
    const first = initiator(6, { infoHash: new Uint8Array(20) })
    const side = responder(6)
    const { send } = side.push(first.begin())
    assertRefused('unknown-torrent', () => side.push(first.push(send).send))
  })
})

/** A peer that exchanges keys correctly, and then sends what a test wants. */
function sayEncrypted(fields: Uint8Array): void {
  const privateKey = new Uint8Array(20).fill(5)
  const side = responder(7)
  const { send } = side.push(publicKeyOf(privateKey))
  const secret = sharedSecret(privateKey, send.subarray(0, KEY_LENGTH))!
  const req3 = sha1(concatBytes([new TextEncoder().encode('req3'), secret]))
  const mark = torrentMark(sha1, INFO_HASH).map((byte, i) => byte ^ req3[i]!)
  streamCiphers(sha1, secret, INFO_HASH).fromInitiator.apply(fields)
  side.push(concatBytes([synchronizationMark(sha1, secret), mark, fields]))
}

function offer(changes: { constant?: number; bits?: number; padding?: number }): Uint8Array {
  const fields = new DataView(new ArrayBuffer(14))
  fields.setUint8(7, changes.constant ?? 0)
  fields.setUint32(8, changes.bits ?? 3)
  fields.setUint16(12, changes.padding ?? 0)
  return new Uint8Array(fields.buffer)
}

describe('what a peer offers', () => {
  it('may be padded, and have unknown bits', () => {
    sayEncrypted(offer({ padding: 512, bits: 0xffff_ffff }))
  })

  it('must begin with zeros', () => {
    assertRefused('bad-constant', () => sayEncrypted(offer({ constant: 1 })))
  })

  it('must have something that is wanted', () => {
    assertRefused('bad-method', () => sayEncrypted(offer({ bits: 0 })))
    assertRefused('bad-method', () => sayEncrypted(offer({ bits: 4 })))
  })

  it('has no more padding than is allowed', () => {
    assertRefused('bad-padding', () => sayEncrypted(offer({ padding: 513 })))
  })
})

/** The initiator, after the keys, when a responder says these fields behind padding of this length. */
function answer(fields: { bits: number; padding: number }, noise: number, methods = BOTH) {
  const privateKey = new Uint8Array(20).fill(6)
  const side = initiator(8, { methods })
  const publicKey = side.begin().subarray(0, KEY_LENGTH)
  const secret = sharedSecret(privateKey, publicKey)!
  side.push(publicKeyOf(privateKey))
  side.push(new Uint8Array(noise).fill(0x55))
  assert.ok(side.isAnswered && !side.isUnderstood)
  const said = new Uint8Array(14 + fields.padding)
  const view = new DataView(said.buffer)
  view.setUint32(8, fields.bits)
  view.setUint16(12, fields.padding)
  streamCiphers(sha1, secret, INFO_HASH).fromResponder.apply(said)
  return side.push(said)
}

describe('the initiator', () => {
  it('refuses a public key that is none', () => {
    assertRefused('bad-key', () => initiator(1).push(new Uint8Array(KEY_LENGTH)))
  })

  it('finds the answer behind any padding, and skips the padding behind it', () => {
    for (const noise of [0, 1, 511, 512]) {
      for (const padding of [0, 1, 512]) {
        const progress = answer({ bits: 2, padding }, noise)
        assert.ok(progress.type === 'agreed')
        assert.equal(progress.agreement.method, 'rc4')
        assert.equal(progress.used, 14 + padding)
      }
    }
  })

  it('looks for it no farther than it may be', () => {
    assertRefused('no-sync', () => answer({ bits: 2, padding: 0 }, 513))
  })

  it('refuses a selection of none, of both, and of what it did not offer', () => {
    for (const bits of [0, 3, 4]) assertRefused('bad-method', () => answer({ bits, padding: 0 }, 9))
    assertRefused('bad-method', () => answer({ bits: 1, padding: 0 }, 9, ['rc4']))
  })

  it('refuses more padding than is allowed', () => {
    assertRefused('bad-padding', () => answer({ bits: 1, padding: 513 }, 9))
  })
})
