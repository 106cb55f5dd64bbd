import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { BloomFilter } from '../../../src/protocol/dht/bloom-filter.js'

const sha1 = (bytes: Uint8Array) => new Uint8Array(createHash('sha1').update(bytes).digest())

/** As it is printed in BEP 33. */
const VECTOR = `
  F6C3F5EA A07FFD91 BDE89F77 7F26FB2B FF37BDB8 FB2BBAA2 FD3DDDE7 BACFFF75 EE7CCBAE
  FE5EEDB1 FBFAFF67 F6ABFF5E 43DDBCA3 FD9B9FFD F4FFD3E9 DFF12D1B DF59DB53 DBE9FA5B
  7FF3B8FD FCDE1AFB 8BEDD7BE 2F3EE71E BBBFE93B CDEEFE14 8246C2BC 5DBFF7E7 EFDCF24F
  D8DC7ADF FD8FFFDF DDFFF7A4 BBEEDF5C B95CE81F C7FCFF1F F4FFFFDF E5F7FDCB B7FD79B3
  FA1FC77B FE07FFF9 05B7B7FF C7FEFEFF E0B8370B B0CD3F5B 7F2BD93F EB4386CF DD6F7FD5
  BFAF2E9E BFFFFEEC D67ADBF7 C67F17EF D5D75EBA 6FFEBA7F FF47A91E B1BFBB53 E8ABFB57
  62ABE8FF 237279BF EFBFEEF5 FFC5FEBF DFE5ADFF ADFEE1FB 737FFFFB FD9F6AEF FEEE76B6
  FD8F72EF`

/** 192.0.2.0 to 192.0.2.255 and 2001:DB8:: to 2001:DB8::3E7. */
function hosts(): string[] {
  const ipv4 = Array.from({ length: 256 }, (_, i) => `192.0.2.${i}`)
  const ipv6 = Array.from({ length: 1000 }, (_, i) =>
    i === 0 ? '2001:db8::' : `2001:db8::${i.toString(16)}`,
  )
  return [...ipv4, ...ipv6]
}

describe('a bloom filter (BEP 33)', () => {
  it('has the bytes and the estimate that the BEP states', () => {
    const filter = new BloomFilter(sha1)
    for (const host of hosts()) filter.add(host)
    assert.equal(Buffer.from(filter.bytes).toString('hex').toUpperCase(), VECTOR.replace(/\s/g, ''))
    assert.ok(Math.abs(filter.estimate() - 1224.9308) < 0.0001)
  })

  it('of several nodes counts each host once', () => {
    const first = new BloomFilter(sha1)
    const second = new BloomFilter(sha1)
    const all = hosts()
    for (const host of all.slice(0, 800)) first.add(host)
    for (const host of all.slice(400)) second.add(host)
    first.addAll(second.bytes)
    assert.ok(Math.abs(first.estimate() - 1224.9308) < 0.0001)
  })

  it('is estimated as nothing where it is empty, and as a number where it is full', () => {
    assert.equal(new BloomFilter(sha1).estimate(), 0)
    assert.ok(Number.isFinite(new BloomFilter(sha1, new Uint8Array(256).fill(0xff)).estimate()))
  })

  it('knows the hosts that were added', () => {
    const filter = new BloomFilter(sha1)
    filter.add('192.0.2.7')
    assert.ok(filter.has('192.0.2.7'))
    assert.ok(!filter.has('192.0.2.8'))
  })
})
