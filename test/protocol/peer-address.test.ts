import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  canonicalHost,
  decodeCompact,
  decodeCompactList,
  encodeCompact,
  formatAddress,
  hostFromBytes,
  hostToBytes,
} from '../../src/protocol/peer-address.js'
import { defined } from '../defined.js'

const port = fc.integer({ min: 1, max: 65_535 })
const host = fc
  .oneof(fc.uint8Array({ minLength: 4, maxLength: 4 }), fc.uint8Array({ minLength: 16, maxLength: 16 }))
  .filter(bytes => bytes.some(byte => byte !== 0))
  .map(bytes => defined(hostFromBytes(bytes)))

describe('a peer address', () => {
  it('is the same after a trip through its compact form', () => {
    fc.assert(
      fc.property(host, port, (host, port) => {
        assert.deepEqual(decodeCompact(defined(encodeCompact({ host, port }))), { host, port })
      }),
    )
  })

  it('takes 6 bytes for IPv4 and 18 for IPv6, the port in network order', () => {
    assert.deepEqual(
      encodeCompact({ host: '192.0.2.1', port: 6881 }),
      Uint8Array.of(192, 0, 2, 1, 0x1a, 0xe1),
    )
    const bytes = defined(encodeCompact({ host: '2001:db8::1', port: 258 }))
    assert.equal(bytes.length, 18)
    assert.deepEqual([...bytes.subarray(0, 4)], [0x20, 0x01, 0x0d, 0xb8])
    assert.deepEqual([...bytes.subarray(15)], [1, 1, 2])
  })

  it('puts IPv6 in brackets', () => {
    assert.equal(formatAddress({ host: '2001:db8::1', port: 80 }), '[2001:db8::1]:80')
    assert.equal(formatAddress({ host: '192.0.2.1', port: 80 }), '192.0.2.1:80')
  })

  it('spells a host in one way only', () => {
    assert.equal(canonicalHost('2001:DB8:0:0:0:0:0:1'), '2001:db8::1')
    assert.equal(canonicalHost('::ffff:192.0.2.1'), '192.0.2.1')
    assert.equal(canonicalHost('fe80::1%eth0'), 'fe80::1%eth0')
    assert.equal(canonicalHost('fe80::1%br-0a1b'), 'fe80::1%br-0a1b')
  })

  it('is no name and no shorthand', () => {
    for (const text of [
      '',
      'localhost',
      '127.1',
      '0x7f.0.0.1',
      '010.0.0.1',
      '1.2.3.256',
      '1.2.3.4.5',
      ':',
      '::%',
      'fe80::1%a b',
    ]) {
      assert.equal(canonicalHost(text), undefined, text)
    }
    assert.equal(canonicalHost(`${'0:'.repeat(1000)}1`), undefined)
  })

  it('has no compact form where it is not valid', () => {
    assert.equal(encodeCompact({ host: 'example.org', port: 1 }), undefined)
    assert.equal(encodeCompact({ host: '192.0.2.1', port: 0 }), undefined)
    assert.equal(encodeCompact({ host: '192.0.2.1', port: 70_000 }), undefined)
  })

  it('loses its zone on the wire', () => {
    assert.deepEqual(hostToBytes('fe80::1%eth0'), hostToBytes('fe80::1'))
  })
})

describe('a list of compact addresses', () => {
  it('leaves out port 0 and the unspecified address', () => {
    const bytes = Uint8Array.of(192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 80, 192, 0, 2, 2, 0, 80)
    assert.deepEqual(decodeCompactList(bytes, 'ipv4', 10), [{ host: '192.0.2.2', port: 80 }])
  })

  it('is refused where its length is not a whole number of addresses', () => {
    assert.equal(decodeCompactList(new Uint8Array(7), 'ipv4', 10), undefined)
    assert.equal(decodeCompactList(new Uint8Array(6), 'ipv6', 10), undefined)
  })

  it('is read up to a limit', () => {
    assert.equal(decodeCompactList(new Uint8Array(600).fill(1), 'ipv4', 3)?.length, 3)
  })
})
