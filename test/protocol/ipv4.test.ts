import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import ipaddr from 'ipaddr.js'
import { ipv4ToBytes } from '../../src/protocol/ipv4.js'

test('an IPv4 address in dotted form is read, and nothing else', () => {
  const part = fc.oneof(
    fc.nat({ max: 300 }).map(String),
    fc.constantFrom('', '00', '01', '0x1', ' 1', '-1', '1e1', '²'),
  )
  const text = fc.oneof(
    fc.ipV4(),
    fc.array(part, { minLength: 1, maxLength: 5 }).map(parts => parts.join('.')),
  )
  fc.assert(
    fc.property(text, text => {
      const expected = ipaddr.IPv4.isValidFourPartDecimal(text)
        ? Uint8Array.from(text.split('.'), Number)
        : undefined
      assert.deepEqual(ipv4ToBytes(text), expected)
    }),
    { numRuns: 2_000 },
  )
})
