import assert from 'node:assert/strict'
import { it } from 'node:test'
import { readBuffer } from '../../src/base/read-buffer.js'

it('a buffer for reads is as long as it should be, and lies behind the slow start of its allocation', () => {
  for (const length of [1, 2 ** 14, 2 ** 18]) {
    const buffer = readBuffer(length)
    assert.equal(buffer.length, length)
    // glibc has 16 bytes before it.
    assert.ok(buffer.byteOffset >= 32 - 16, `${buffer.byteOffset}`)
  }
})
