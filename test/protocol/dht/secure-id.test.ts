import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { describe, it } from 'node:test'
import { SeededRandom } from '../../../src/base/random.js'
import { isSecureId, makeSecureId } from '../../../src/protocol/dht/secure-id.js'

/** As they stand in BEP 42. */
const VECTORS = [
  ['124.31.75.21', '5fbfbff10c5d6a4ec8a88e4c6ab4c28b95eee401'],
  ['21.75.31.124', '5a3ce9c14e7a08645677bbd1cfe7d8f956d53256'],
  ['65.23.51.170', 'a5d43220bc8f112a3d426c84764f8c2a1150e616'],
  ['84.124.73.14', '1b0321dd1bb1fe518101ceef99462b947a01ff41'],
  ['43.213.53.83', 'e56f6cbf5b7c4be0237986d5243b87aa6d51305a'],
] as const

const id = (hex: string) => new Uint8Array(Buffer.from(hex, 'hex'))

describe('a node id that is bound to an address (BEP 42)', () => {
  for (const [host, hex] of VECTORS) {
    it(`is valid at ${host}, and nowhere else`, () => {
      assert.ok(isSecureId(id(hex), host))
      for (const [other] of VECTORS) if (other !== host) assert.ok(!isSecureId(id(hex), other))
    })

    it(`has 21 bits that matter, and three of the last byte: ${host}`, () => {
      for (let bit = 0; bit < 160; bit++) {
        const changed = id(hex)
        changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (0x80 >> (bit & 7))
        assert.equal(isSecureId(changed, host), bit >= 21 && bit < 157, `bit ${bit}`)
      }
    })
  }

  it('is made for any address', () => {
    const seed = randomInt(2 ** 32)
    const random = new SeededRandom(seed)
    for (let i = 0; i < 200; i++) {
      const ipv4 = [11 + random.below(100), random.below(256), random.below(256), random.below(256)].join('.')
      const ipv6 = `2a0${random.below(10)}:${random.below(9999)}:${random.below(9999)}::${random.below(9999)}`
      for (const host of [ipv4, ipv6]) {
        assert.ok(isSecureId(makeSecureId(host, random), host), `${host}, seed ${seed}`)
      }
    }
  })

  it('is not asked of nodes in a local network', () => {
    for (const host of [
      '10.0.0.1',
      '172.16.0.1',
      '192.168.0.1',
      '169.254.0.1',
      '127.0.0.1',
      '::1',
      'fd00::1',
    ]) {
      assert.ok(isSecureId(new Uint8Array(20).fill(0xaa), host), host)
    }
  })
})
