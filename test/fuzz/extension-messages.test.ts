import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { concatBytes, equalBytes } from '../../src/base/bytes.js'
import { decodeDontHave, encodeDontHave } from '../../src/protocol/peer/dont-have.js'
import {
  decodeExtensionHandshake,
  encodeExtensionHandshake,
} from '../../src/protocol/peer/extension-handshake.js'
import { decodeHolePunch, encodeHolePunch } from '../../src/protocol/peer/hole-punch.js'
import { decodePeerExchange, encodePeerExchange } from '../../src/protocol/peer/peer-exchange.js'
import { isPort } from '../../src/protocol/peer-address.js'

const host = fc.oneof(fc.ipV4(), fc.constantFrom('2a00::1', '::1', 'fe80::1'))
const address = fc.record({ host, port: fc.integer({ min: 1, max: 65_535 }) })
const exchange = fc
  .record({
    added: fc.array(fc.record({ address, flags: fc.nat({ max: 255 }) }), { maxLength: 60 }),
    dropped: fc.array(address, { maxLength: 60 }),
  })
  .map(encodePeerExchange)
const handshake = fc
  .record({
    extensions: fc.dictionary(fc.string(), fc.nat({ max: 300 })).map(ids => new Map(Object.entries(ids))),
    client: fc.string(),
    listenPort: fc.nat({ max: 70_000 }),
    requestQueue: fc.nat(),
    isUploadOnly: fc.boolean(),
    prefersEncryption: fc.boolean(),
    metadataSize: fc.nat(),
    yourIp: fc.uint8Array({ maxLength: 20 }),
  })
  .map(encodeExtensionHandshake)

/** A message with some bytes cut out, put in or changed, or any bytes at all. */
function damaged(message: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const damage = fc.record({
    at: fc.nat({ max: 999 }),
    cut: fc.nat({ max: 5 }),
    put: fc.uint8Array({ maxLength: 5 }),
  })
  const changed = fc.tuple(message, fc.array(damage, { maxLength: 3 })).map(([bytes, damages]) =>
    damages.reduce((current, { at, cut, put }) => {
      const from = at % (current.length + 1)
      return concatBytes([current.subarray(0, from), put, current.subarray(from + cut)])
    }, bytes),
  )
  return fc.oneof(
    { weight: 4, arbitrary: changed },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 64 }) },
  )
}

test('peer exchange: whatever comes, what is read is bounded, and can be listened on', () => {
  const outcomes = { read: 0, malformed: 0 }
  fc.assert(
    fc.property(damaged(exchange), fc.nat({ max: 100 }), (payload, limit) => {
      const message = decodePeerExchange(payload, limit)
      outcomes[message === undefined ? 'malformed' : 'read']++
      for (const { address, flags } of message?.added ?? []) assert.ok(isPort(address.port) && flags <= 255)
      for (const { port } of message?.dropped ?? []) assert.ok(isPort(port))
      assert.ok((message?.added.length ?? 0) <= limit && (message?.dropped.length ?? 0) <= limit)
    }),
    { numRuns: 5_000 },
  )
  assert.ok(outcomes.read > 100 && outcomes.malformed > 100, JSON.stringify(outcomes))
})

test('extension handshake: whatever comes, it is read or refused', () => {
  const outcomes = { read: 0, refused: 0 }
  fc.assert(
    fc.property(damaged(handshake), payload => {
      const read = decodeExtensionHandshake(payload)
      outcomes[read === undefined ? 'refused' : 'read']++
      for (const id of read?.extensions.values() ?? []) assert.ok(id >= 0 && id < 256)
      assert.ok(read?.listenPort === undefined || isPort(read.listenPort))
    }),
    { numRuns: 5_000 },
  )
  assert.ok(outcomes.read > 100 && outcomes.refused > 100, JSON.stringify(outcomes))
})

test('hole punching and don’t-have: what is read is written the same', () => {
  const outcomes = { read: 0, malformed: 0 }
  const type = fc.constantFrom('rendezvous', 'connect', 'error')
  const holePunch = fc
    .record({ type, address, code: fc.nat() })
    .map(message => encodeHolePunch(message) ?? new Uint8Array(0))
  fc.assert(
    fc.property(damaged(holePunch), payload => {
      const message = decodeHolePunch(payload)
      outcomes[message === undefined ? 'malformed' : 'read']++
      if (message === undefined) return
      const written = encodeHolePunch(message)
      // Without an error its bytes are read over.
      const length = (written?.length ?? 0) - (message.type === 'error' ? 0 : 4)
      assert.ok(written !== undefined && equalBytes(written.subarray(0, length), payload.subarray(0, length)))
    }),
    { numRuns: 5_000 },
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 8 }), payload => {
      const piece = decodeDontHave(payload)
      if (piece !== undefined) assert.deepEqual(encodeDontHave(piece), payload.subarray(0, 4))
      else assert.ok(payload.length < 4)
    }),
  )
  assert.ok(outcomes.read > 100 && outcomes.malformed > 100, JSON.stringify(outcomes))
})
