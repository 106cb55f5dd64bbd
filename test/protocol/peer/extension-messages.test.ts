import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fromHex } from '../../../src/base/bytes.js'
import { decodeDontHave, encodeDontHave } from '../../../src/protocol/peer/dont-have.js'
import {
  decodeHolePunch,
  encodeHolePunch,
  type HolePunchMessage,
} from '../../../src/protocol/peer/hole-punch.js'
import { decodeUploadOnly } from '../../../src/protocol/peer/upload-only.js'

test('don’t-have: four bytes, whatever stands behind them', () => {
  assert.deepEqual(encodeDontHave(0x01020384), Uint8Array.of(1, 2, 3, 0x84))
  for (const piece of [0, 1, 2 ** 31, 2 ** 32 - 1]) assert.equal(decodeDontHave(encodeDontHave(piece)), piece)
  assert.equal(decodeDontHave(Uint8Array.of(0, 0, 0, 7, 9, 9)), 7)
  for (const length of [0, 3]) assert.equal(decodeDontHave(new Uint8Array(length)), undefined)
})

test('upload-only: one byte, whatever stands behind it', () => {
  assert.equal(decodeUploadOnly(Uint8Array.of(0)), false)
  assert.equal(decodeUploadOnly(Uint8Array.of(1)), true)
  assert.equal(decodeUploadOnly(Uint8Array.of(1, 0)), true)
  assert.equal(decodeUploadOnly(new Uint8Array(0)), undefined)
})

test('hole punching: its messages survive the wire', () => {
  const messages: HolePunchMessage[] = [
    { type: 'rendezvous', address: { host: '1.2.3.4', port: 6881 } },
    { type: 'connect', address: { host: '2a00::1', port: 1 } },
    { type: 'error', address: { host: '1.2.3.4', port: 6881 }, code: 3 },
    { type: 'error', address: { host: '2a00::1', port: 6881 }, code: 2 ** 32 - 1 },
  ]
  for (const message of messages) assert.deepEqual(decodeHolePunch(encodeHolePunch(message)!), message)
  assert.deepEqual(
    encodeHolePunch({ type: 'error', address: { host: '1.2.3.4', port: 0x1ae1 }, code: 2 }),
    fromHex('0200010203041ae100000002'),
  )
})

test('hole punching: the error may be left out where there is none', () => {
  assert.deepEqual(decodeHolePunch(fromHex('0000010203041ae1')!), {
    type: 'rendezvous',
    address: { host: '1.2.3.4', port: 6881 },
  })
  assert.equal(decodeHolePunch(fromHex('0200010203041ae1')!), undefined)
})

test('hole punching: bytes behind a message are ignored', () => {
  const address = { host: '1.2.3.4', port: 6881 }
  for (const tail of ['000000', '0000000000']) {
    assert.deepEqual(decodeHolePunch(fromHex(`0000010203041ae1${tail}`)!), { type: 'rendezvous', address })
  }
  const error = decodeHolePunch(fromHex('0200010203041ae10000000299')!)
  assert.deepEqual(error, { type: 'error', address, code: 2 })
})

test('hole punching: what is no message is malformed', () => {
  const payloads = [
    '',
    '00',
    '0300010203041ae100000000',
    '0002010203041ae100000000',
    '0001010203041ae100000000',
    '0000010203041a',
    '0200010203041ae1000000',
    '000001020304000000000000',
  ]
  for (const payload of payloads) assert.equal(decodeHolePunch(fromHex(payload)!), undefined, payload)
})
