import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toUtf8 } from '../../src/base/bytes.js'
import { crc32c } from '../../src/base/crc32c.js'

test('CRC-32C: the check value, and the examples of RFC 3720', () => {
  assert.equal(crc32c(toUtf8('123456789')), 0xe3069283)
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa)
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43)
  assert.equal(crc32c(Uint8Array.from({ length: 32 }, (_, index) => index)), 0x46dd794e)
  assert.equal(crc32c(new Uint8Array(0)), 0)
})
