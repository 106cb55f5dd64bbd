import assert from 'node:assert/strict'
import { test } from 'node:test'
import { concatBytes, toUtf8 } from '../../../src/base/bytes.js'
import { encodeBencode } from '../../../src/protocol/bencode/encode.js'
import { MESSAGE_LIMITS } from '../../../src/protocol/bencode/limits.js'
import { scanBencode } from '../../../src/protocol/bencode/scan.js'
import {
  decodePeerExchange,
  ExchangeFlag,
  encodePeerExchange,
} from '../../../src/protocol/peer/peer-exchange.js'
import { encodeCompact } from '../../../src/protocol/peer-address.js'

const at = (host: string, port: number) => ({ host, port })
const compact = (host: string, port: number) => encodeCompact(at(host, port))!

test('a message survives the wire, IPv4 before IPv6', () => {
  const message = {
    added: [
      { address: at('1.2.3.4', 5), flags: ExchangeFlag.isUploadOnly | ExchangeFlag.isReachable },
      { address: at('5.6.7.8', 9), flags: 0 },
      { address: at('2a00::1', 6881), flags: ExchangeFlag.prefersEncryption },
    ],
    dropped: [at('9.9.9.9', 1), at('2a00::2', 2)],
  }
  assert.deepEqual(decodePeerExchange(encodePeerExchange(message), 50), message)
})

test('all keys are written, the empty ones, too', () => {
  const root = scanBencode(encodePeerExchange({ added: [], dropped: [] }), MESSAGE_LIMITS)
  for (const key of ['added', 'added.f', 'added6', 'added6.f', 'dropped', 'dropped6'])
    assert.equal(root.get(key)?.string?.length, 0, key)
})

test('flags belong to their addresses, although an address that cannot be listened on stands between', () => {
  const payload = encodeBencode({
    added: concatBytes([compact('1.1.1.1', 1), Uint8Array.of(2, 2, 2, 2, 0, 0), compact('3.3.3.3', 3)]),
    'added.f': Uint8Array.of(1, 2, 4),
  })
  assert.deepEqual(decodePeerExchange(payload, 50)?.added, [
    { address: at('1.1.1.1', 1), flags: 1 },
    { address: at('3.3.3.3', 3), flags: 4 },
  ])
})

test('without flags, or with too few of them, none is set', () => {
  for (const flags of [undefined, Uint8Array.of(7), Uint8Array.of(7, 7, 7)]) {
    const added = concatBytes([compact('1.1.1.1', 1), compact('3.3.3.3', 3)])
    const payload = encodeBencode({ added, 'added.f': flags })
    assert.deepEqual(
      decodePeerExchange(payload, 50)?.added.map(peer => peer.flags),
      [0, 0],
    )
  }
})

test('of both families together no more are read than the limit', () => {
  const added = concatBytes(Array.from({ length: 40 }, (_, i) => compact(`1.1.1.${i + 1}`, 1)))
  const added6 = concatBytes(Array.from({ length: 40 }, (_, i) => compact(`2a00::${i + 1}`, 1)))
  const message = decodePeerExchange(encodeBencode({ added, added6, dropped: added, dropped6: added6 }), 50)
  assert.equal(message?.added.length, 50)
  assert.equal(message?.dropped.length, 50)
})

test('what is no message is malformed', () => {
  const payloads = [new Uint8Array(0), toUtf8('le'), toUtf8('i1e'), toUtf8('d5:added')]
  for (const payload of payloads) assert.equal(decodePeerExchange(payload, 50), undefined)
})

test('a list that is no string counts as absent', () => {
  const payload = encodeBencode({ added: 5, dropped: ['x'] })
  assert.deepEqual(decodePeerExchange(payload, 50), { added: [], dropped: [] })
})

test('a list that is cut in the middle of an address is read up to there, with its flags', () => {
  const added = concatBytes([compact('1.1.1.1', 1), compact('3.3.3.3', 3)])
  const added6 = compact('2a00::1', 6)
  for (const left of [1, 5]) {
    const cut = new Uint8Array(left).fill(9)
    const payload = encodeBencode({
      added: concatBytes([added, cut]),
      'added.f': Uint8Array.of(1, 2),
      added6: concatBytes([added6, cut]),
      dropped: concatBytes([compact('5.5.5.5', 5), cut]),
      dropped6: cut,
    })
    assert.deepEqual(decodePeerExchange(payload, 50), {
      added: [
        { address: at('1.1.1.1', 1), flags: 1 },
        { address: at('3.3.3.3', 3), flags: 2 },
        { address: at('2a00::1', 6), flags: 0 },
      ],
      dropped: [at('5.5.5.5', 5)],
    })
  }
})

test('bytes behind the message are ignored', () => {
  const message = { added: [], dropped: [at('9.9.9.9', 1)] }
  const payload = concatBytes([encodePeerExchange(message), toUtf8('\r\n')])
  assert.deepEqual(decodePeerExchange(payload, 50), message)
})
