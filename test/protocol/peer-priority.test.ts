import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fromHex } from '../../src/base/bytes.js'
import { crc32c } from '../../src/base/crc32c.js'
import { peerPriority } from '../../src/protocol/peer-priority.js'

const at = (host: string, port = 6881) => ({ host, port })
const hashOf = (hex: string) => crc32c(fromHex(hex)!)

test("the priorities of BEP 40's own examples", () => {
  assert.equal(peerPriority(at('123.213.32.10'), at('98.76.54.32')), 0xec2d7224)
  assert.equal(peerPriority(at('123.213.32.10'), at('123.213.32.234')), 0x99568189)
})

test('of an IPv4 address counts one byte more than both have in common, at least two, and half of the rest', () => {
  const cases: [a: string, b: string, hashed: string][] = [
    ['1.2.255.255', '3.4.255.255', '01025555' + '03045555'],
    ['1.2.255.255', '1.3.255.255', '01025555' + '01035555'],
    ['1.2.254.255', '1.2.255.255', '0102fe55' + '0102ff55'],
    ['1.2.3.254', '1.2.3.255', '010203fe' + '010203ff'],
  ]
  for (const [a, b, hashed] of cases) assert.equal(peerPriority(at(a), at(b)), hashOf(hashed), `${a} ${b}`)
})

test('of an IPv6 address six bytes count, or one more than both have in common', () => {
  const tail = '5555555555555555'
  const cases: [a: string, b: string, hashed: string][] = [
    [
      '2001:db8:1:ffff:ffff:ffff:ffff:ffff',
      '2001:db8:2:ffff:ffff:ffff:ffff:ffff',
      `20010db800015555${tail}` + `20010db800025555${tail}`,
    ],
    [
      '2001:db8:1:feff:ffff:ffff:ffff:ffff',
      '2001:db8:1:ffff:ffff:ffff:ffff:ffff',
      `20010db80001fe55${tail}` + `20010db80001ff55${tail}`,
    ],
    [
      '2001:db8:1:fffe:ffff:ffff:ffff:ffff',
      '2001:db8:1:ffff:ffff:ffff:ffff:ffff',
      `20010db80001fffe${tail}` + `20010db80001ffff${tail}`,
    ],
  ]
  for (const [a, b, hashed] of cases) assert.equal(peerPriority(at(a), at(b)), hashOf(hashed), `${a} ${b}`)
})

test('between two of one host their ports count', () => {
  assert.equal(peerPriority(at('1.2.3.4', 0x1234), at('1.2.3.4', 0x0102)), hashOf('01021234'))
  assert.equal(peerPriority(at('::1', 2), at('::1', 1)), hashOf('00010002'))
})

test('both ends come to the same', () => {
  const address = fc.record({ host: fc.ipV4(), port: fc.integer({ min: 1, max: 65_535 }) })
  fc.assert(fc.property(address, address, (a, b) => assert.equal(peerPriority(a, b), peerPriority(b, a))))
})

test('two families, or no address, have none', () => {
  assert.equal(peerPriority(at('1.2.3.4'), at('::1')), undefined)
  assert.equal(peerPriority(at('1.2.3.4'), at('example.org')), undefined)
})
