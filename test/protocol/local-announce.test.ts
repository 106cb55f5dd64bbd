import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { toUtf8 } from '../../src/base/bytes.js'
import {
  decodeLocalAnnounce,
  encodeLocalAnnounce,
  MAX_ANNOUNCED_HASHES,
} from '../../src/protocol/local-announce.js'

const HASH = '0123456789abcdef0123456789abcdef01234567'
const HASHES = Array.from({ length: 60 }, (_, index) => new Uint8Array(20).fill(index + 1))

function datagram(...headers: readonly string[]): Uint8Array {
  return toUtf8(['BT-SEARCH * HTTP/1.1', ...headers, '', '', ''].join('\r\n'))
}

function decoded(...headers: readonly string[]) {
  return decodeLocalAnnounce(datagram(...headers))
}

describe('an announce in the local network', () => {
  it('is written as BEP 14 has it', () => {
    const announce = { port: 6881, infoHashes: HASHES.slice(0, 2), cookie: 'c0ffee' }
    assert.equal(
      Buffer.from(encodeLocalAnnounce('ipv4', announce)).toString(),
      `BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\nInfohash: ${'01'.repeat(20)}\r\nInfohash: ${'02'.repeat(20)}\r\ncookie: c0ffee\r\n\r\n\r\n`,
    )
    const ipv6 = Buffer.from(encodeLocalAnnounce('ipv6', announce)).toString()
    assert.match(ipv6, /\r\nHost: \[ff15::efc0:988f\]:6771\r\n/)
  })

  it('is read as it was written, for each number of hashes', () => {
    for (let count = 1; count <= MAX_ANNOUNCED_HASHES; count++) {
      const announce = { port: 65_535, infoHashes: HASHES.slice(0, count), cookie: 'a'.repeat(16) }
      for (const family of ['ipv4', 'ipv6'] as const) {
        const bytes = encodeLocalAnnounce(family, announce)
        assert.ok(bytes.length <= 1_400, `${bytes.length} bytes`)
        assert.deepEqual(decodeLocalAnnounce(bytes), announce)
      }
    }
  })

  it('has headers in any order and case, with or without spaces', () => {
    const expected = { port: 6881, infoHashes: [Uint8Array.from(Buffer.from(HASH, 'hex'))], cookie: 'x' }
    assert.deepEqual(decoded('Host: a', 'Port: 6881', `Infohash: ${HASH}`, 'cookie: x'), expected)
    assert.deepEqual(decoded('COOKIE:x', `INFOHASH:${HASH.toUpperCase()}`, 'port:6881'), expected)
    assert.deepEqual(decoded(`infohash : ${HASH} `, 'Cookie:  x', 'PORT :6881  '), expected)
    assert.deepEqual(
      decoded('X-New: y', 'no header', `Infohash: ${HASH}`, 'cookie: x', 'Port: 6881'),
      expected,
    )
  })

  it('may lack the cookie and the empty lines, and have bare line feeds', () => {
    const text = `BT-SEARCH * HTTP/1.0\nPort: 1\nInfohash: ${HASH}`
    const announce = decodeLocalAnnounce(toUtf8(text))
    assert.deepEqual([announce?.port, announce?.infoHashes.length, announce?.cookie], [1, 1, undefined])
  })

  it('keeps the good hashes among bad ones, each once, up to a limit', () => {
    const bad = ['', 'xyz', HASH.slice(1), `${HASH}0`, 'g'.repeat(40), 'ab'.repeat(32)]
    const announce = decoded(
      'Port: 1',
      ...bad.map(hash => `Infohash: ${hash}`),
      `Infohash: ${HASH}`,
      `Infohash: ${HASH}`,
    )
    assert.equal(announce?.infoHashes.length, 1)
    const many = HASHES.map(hash => `Infohash:${Buffer.from(hash).toString('hex')}`)
    assert.equal(decodeLocalAnnounce(datagram('Port:1', ...many))?.infoHashes, undefined, 'over 1,500 bytes')
    assert.equal(decoded('Port:1', ...many.slice(0, 28))?.infoHashes.length, MAX_ANNOUNCED_HASHES)
  })

  it('is none without its first line, a port or a hash', () => {
    const hash = `Infohash: ${HASH}`
    for (const port of ['', 'Port: 0', 'Port: 65536', 'Port: -1', 'Port: 6881x', 'Port: 1e3', 'Port: 0x10'])
      assert.equal(decoded(port, hash), undefined, port)
    assert.equal(decoded('Port: 6881'), undefined)
    assert.equal(decoded('Port: 6881', '', hash), undefined, 'after the end')
    for (const first of [
      'M-SEARCH * HTTP/1.1',
      'BT-SEARCH / HTTP/1.1',
      ' BT-SEARCH * HTTP/1.1',
      'BT-SEARCH *',
      '',
    ])
      assert.equal(decodeLocalAnnounce(toUtf8(`${first}\r\nPort: 1\r\n${hash}\r\n\r\n`)), undefined, first)
  })

  it('is none, and no error, whatever the datagram is', () => {
    for (let length = 0; length <= 1_600; length++) {
      assert.equal(decodeLocalAnnounce(new Uint8Array(length).fill(length)), undefined)
    }
    const whole = datagram('Port: 6881', `Infohash: ${HASH}`)
    for (let end = 0; end < whole.length; end++) decodeLocalAnnounce(whole.subarray(0, end))
    const line = fc.oneof(
      fc.constantFrom('Port: 1', `Infohash: ${HASH}`, 'cookie: x', ':', ': :', ' ', '\0'),
      fc.string({ maxLength: 80 }),
    )
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), lines => {
        const announce = decoded(...lines)
        if (announce === undefined) return
        assert.ok(announce.infoHashes.length >= 1 && announce.port >= 1)
      }),
    )
  })
})
