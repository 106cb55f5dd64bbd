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
  isHostName,
  listeningAddress,
} from '../../src/protocol/peer-address.js'
import { defined } from '../defined.js'
import { withinCpuTime } from '../support/cpu-time.js'

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

  it('that is cut in the middle of an address is read up to there', () => {
    const whole = Uint8Array.of(192, 0, 2, 2, 0, 80)
    for (let left = 0; left < 6; left++) {
      const bytes = Uint8Array.from([...whole, ...whole.subarray(0, left)])
      assert.deepEqual(decodeCompactList(bytes, 'ipv4', 10), [{ host: '192.0.2.2', port: 80 }])
    }
    assert.deepEqual(decodeCompactList(new Uint8Array(17).fill(1), 'ipv6', 10), [])
  })

  it('is read up to a limit', () => {
    assert.equal(decodeCompactList(new Uint8Array(600).fill(1), 'ipv4', 3)?.length, 3)
  })
})

describe('an address in text', () => {
  it('is one that somebody can listen on', () => {
    assert.deepEqual(listeningAddress('192.0.2.1', 80), { host: '192.0.2.1', port: 80 })
    assert.deepEqual(listeningAddress('::ffff:192.0.2.1', 80), { host: '192.0.2.1', port: 80 })
    const none: [string, number][] = [
      ['192.0.2.1', 0],
      ['192.0.2.1', 65_536],
      ['0.0.0.0', 80],
      ['::', 80],
      ['::ffff:0.0.0.0', 80],
      ['host.example', 80],
      ['', 80],
    ]
    for (const [host, port] of none) assert.equal(listeningAddress(host, port), undefined, `${host} ${port}`)
  })
})

describe('the name of a host', () => {
  it('is what DNS may know', () => {
    for (const name of [
      'localhost',
      'a.example',
      'A-1.b_c.example.',
      'x',
      '1and1.example',
      `${'a'.repeat(63)}.b`,
    ]) {
      assert.equal(isHostName(name), true, name)
    }
  })

  it('is nothing that some resolver takes for an address, or that must not be asked for', () => {
    const none = [
      '',
      '.',
      'a..b',
      '.a',
      '-a.example',
      'a-.example',
      'a b',
      'a/b',
      'a:1',
      '127.1',
      '2130706433',
      '0x7f000001',
      'a.0x1',
      '1.2.3.4',
      '::1',
      'hidden.onion',
      'x.b32.i2p',
      'ünï.example',
      'a\n.example',
      'a'.repeat(64),
      'a.'.repeat(127),
    ]
    for (const name of none) assert.equal(isHostName(name), false, JSON.stringify(name))
  })

  it('costs little to judge, however long it is', () => {
    withinCpuTime(1_000, () => {
      isHostName('a'.repeat(2 ** 20))
      isHostName(`${'a-'.repeat(126)}!`)
    })
  })
})
