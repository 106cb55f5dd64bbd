import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { choosePaddedPieceLength, choosePieceLength } from '../../../src/protocol/metainfo/piece-length.js'

const KIB = 1024
const MIB = 1024 * KIB
const GIB = 1024 * MIB

test('pieces grow with the square root of the content', () => {
  const chosen = [0, 1, 2 * MIB, 100 * MIB, 700 * MIB, 4 * GIB, 100 * GIB, 400 * GIB].map(choosePieceLength)
  assert.deepEqual(chosen, [16 * KIB, 16 * KIB, 16 * KIB, 128 * KIB, 512 * KIB, MIB, 4 * MIB, 8 * MIB])
})

test('the steps are those of libtorrent', () => {
  // From its table of sizes, the last that still has each piece length.
  const table = [2_684_355, 10_737_418, 42_949_673, 171_798_692, 687_194_767, 2_748_779_069, 10_995_116_278]
  for (const [i, size] of table.entries()) {
    assert.equal(choosePieceLength(size - 1), 16 * KIB * 2 ** i)
    assert.equal(choosePieceLength(size + 1), 32 * KIB * 2 ** i)
  }
})

test('it is a power of two from 16 KiB to 16 MiB, and never less for more', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), (a, b) => {
      const [less, more] = [Math.abs(a), Math.abs(b)].sort((x, y) => x - y).map(choosePieceLength)
      assert.ok(less !== undefined && more !== undefined && less <= more)
      assert.ok(Number.isInteger(Math.log2(less)) && less >= 16 * KIB && more <= 16 * MIB)
    }),
  )
})

test('in a hybrid there are no more pads than content, where shorter pieces can mend that', () => {
  assert.equal(choosePaddedPieceLength([700 * MIB]), 512 * KIB)
  assert.equal(choosePaddedPieceLength(new Array<number>(100_000).fill(12 * KIB)), 16 * KIB)
  assert.equal(choosePaddedPieceLength(new Array<number>(100_000).fill(40 * KIB)), 64 * KIB)
  assert.equal(choosePaddedPieceLength([700 * MIB, ...new Array<number>(100).fill(KIB)]), 512 * KIB)
  assert.equal(choosePaddedPieceLength([0, 0]), 16 * KIB)
})
