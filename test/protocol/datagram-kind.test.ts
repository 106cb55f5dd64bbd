import assert from 'node:assert/strict'
import { randomBytes, randomInt } from 'node:crypto'
import { describe, it } from 'node:test'
import { SeededRandom } from '../../src/base/random.js'
import { datagramKind } from '../../src/protocol/datagram-kind.js'

const LONGEST = 1500

/** The bytes that a datagram begins with, and zeros behind them. */
function datagram(length: number, ...start: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(length)
  bytes.set(start.slice(0, length))
  return bytes
}

const text = (content: string) => new TextEncoder().encode(content)

describe('the kind of a datagram', () => {
  it('is the DHT for a dictionary of bencoding', () => {
    assert.equal(datagramKind(text('d1:ad2:id20:abcdefghij0123456789e1:q4:ping1:t2:aa1:y1:qe')), 'dht')
    assert.equal(datagramKind(text('de')), 'dht')
    for (const broken of ['d', 'd1:ad2:id', 'l-3:e', 'i1e', '1:d'])
      assert.equal(datagramKind(text(broken)), undefined)
  })

  it('is a tracker for each of its four actions, from a header on', () => {
    for (const action of [0, 1, 2, 3]) {
      assert.equal(datagramKind(datagram(8, 0, 0, 0, action)), 'tracker')
      assert.equal(datagramKind(datagram(LONGEST, 0, 0, 0, action)), 'tracker')
      assert.equal(datagramKind(datagram(7, 0, 0, 0, action)), undefined)
    }
    assert.equal(datagramKind(datagram(8, 0, 0, 0, 4)), undefined)
    assert.equal(datagramKind(datagram(8, 0, 0, 1, 0)), undefined)
    assert.equal(datagramKind(datagram(8, 0, 1, 0, 0)), undefined)
  })

  it('is uTP for its five types in version 1, from a header on', () => {
    for (const type of [0, 1, 2, 3, 4]) {
      assert.equal(datagramKind(datagram(20, (type << 4) | 1)), 'utp')
      assert.equal(datagramKind(datagram(19, (type << 4) | 1)), undefined)
      assert.equal(datagramKind(datagram(20, (type << 4) | 2)), undefined)
    }
    assert.equal(datagramKind(datagram(20, 0x51)), undefined)
  })

  it('is told of every length, whatever the bytes are', () => {
    const seed = randomInt(2 ** 32)
    const random = new SeededRandom(seed)
    const found = new Map<string, number>()
    const starts = [0x64, 0, 0x01, 0x11, 0x21, 0x31, 0x41]
    for (let length = 0; length <= LONGEST; length++) {
      for (let variant = 0; variant < 8; variant++) {
        const bytes = Uint8Array.from({ length }, () => random.below(256))
        const start = starts[variant]
        if (start !== undefined && length > 0) bytes[0] = start
        if (start === 0x64 && length > 1 && random.below(2) === 0) bytes[length - 1] = 0x65
        if (start === 0 && length > 3) bytes.set([0, 0, random.below(5)], 1)
        const kind = datagramKind(bytes)
        found.set(`${kind}`, (found.get(`${kind}`) ?? 0) + 1)
        const why = `seed ${seed}, length ${length}, first bytes ${bytes.subarray(0, 4).join(' ')}`
        if (kind === 'dht') assert.ok(bytes[0] === 0x64 && bytes.at(-1) === 0x65, why)
        if (kind === 'tracker') assert.ok(length >= 8 && (bytes[3] ?? 9) <= 3, why)
        if (kind === 'utp') assert.ok(length >= 20 && ((bytes[0] ?? 0) & 0x0f) === 1, why)
      }
    }
    for (const kind of ['dht', 'tracker', 'utp', 'undefined'])
      assert.ok((found.get(kind) ?? 0) > 500, `seed ${seed}: ${kind}`)
  })

  it('is none for most random bytes', () => {
    let known = 0
    for (let i = 0; i < 10_000; i++) if (datagramKind(randomBytes(100)) !== undefined) known++
    assert.ok(known < 500, `${known} of 10,000`)
  })
})
