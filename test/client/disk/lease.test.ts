import assert from 'node:assert/strict'
import { truncateSync } from 'node:fs'
import { describe, type TestContext, test } from 'node:test'
import { DiskPool } from '../../../src/client/disk/disk-pool.js'
import type { ReadLease } from '../../../src/client/disk/sending/reader.js'
import {
  BLOCK,
  blockMessage,
  makeSample,
  type Sample,
  type SampleShape,
  testFolder,
  Witness,
  wireBytes,
  writeContent,
} from './support.js'

const SHAPE: SampleShape = {
  version: 'v1',
  pieceLength: 2 ** 19,
  lengths: [300_000, 5, 900_000],
  hasPads: true,
  seed: 7,
}

describe('reading for upload', () => {
  test('runs of blocks are lent as the messages that carry them, pads too', async context => {
    for (const pieceLength of [16_384, 300_001, 2 ** 19]) {
      const { pool, sample, storage, witness } = open(context, { ...SHAPE, pieceLength }, 2 ** 20)
      await using _pool = pool
      for (let piece = 0; piece < sample.map.pieceCount; piece++) {
        const blocks = Math.ceil(sample.map.pieceSize(piece) / BLOCK)
        for (let first = 0; first < blocks; first += 4) {
          const chunkEnd = (Math.floor(first / 16) + 1) * 16
          const count = Math.min(7, chunkEnd - first, blocks - first)
          const lease = await leased(witness, () => storage.leaseBlocks(piece, first, count))
          const messages = Array.from({ length: count }, (_, i) => message(sample, piece, first + i))
          assert.deepEqual(Uint8Array.from(lease.bytes), new Uint8Array(Buffer.concat(messages)))
          lease.release()
        }
      }
    }
  })

  test('any other range is lent as one message', async context => {
    for (const pieceLength of [16_384, 300_001, 2 ** 19]) {
      const { pool, sample, storage, witness } = open(context, { ...SHAPE, pieceLength }, 2 ** 20)
      await using _pool = pool
      for (let piece = 0; piece < sample.map.pieceCount; piece++) {
        const bytes = wireBytes(sample, piece)
        for (let offset = 0; offset < bytes.length; offset += 10_007) {
          const length = Math.min(2 * BLOCK + 1, bytes.length - offset)
          const lease = await leased(witness, () => storage.leaseRange(piece, offset, length))
          const expected = blockMessage(piece, offset, bytes.slice(offset, offset + length))
          assert.deepEqual(Uint8Array.from(lease.bytes), expected)
          lease.release()
        }
      }
    }
  })

  test('a run does not leave its chunk', async context => {
    const { pool, storage } = open(context, SHAPE, 2 ** 20)
    await using _pool = pool
    assert.throws(() => storage.leaseBlocks(0, 15, 2), RangeError)
    assert.throws(() => storage.leaseBlocks(0, 0, 0), RangeError)
  })

  test('a segment is read once, however many ask for it', async context => {
    const { pool, storage, witness } = open(context, SHAPE, 2 ** 20)
    await using _pool = pool
    for (let block = 0; block < 16; block++) assert.equal(storage.leaseBlocks(0, block, 1), 'loading')
    storage.prefetch(0, 0, 2 ** 18)
    assert.equal(pool.usage.readBytes, 2 ** 18)
    const leases = [
      await leased(witness, () => storage.leaseBlocks(0, 0, 1)),
      await leased(witness, () => storage.leaseBlocks(0, 1, 1)),
    ]
    assert.equal(pool.usage.readBytes, 2 ** 18)
    for (const lease of leases) lease.release()
  })

  test('the padding behind a small file is read only on request', async context => {
    for (const version of ['v2', 'hybrid'] as const) {
      const shape: SampleShape = { ...SHAPE, version, pieceLength: 2 ** 18, lengths: [4096, 2 ** 18] }
      const { pool, sample, storage, witness } = open(context, shape, 2 ** 20)
      await using _pool = pool
      const file = await leased(witness, () => storage.leaseBlocks(0, 0, 1))
      assert.deepEqual(Uint8Array.from(file.bytes), message(sample, 0, 0))
      file.release()
      assert.equal(pool.usage.readBytes, BLOCK)
      const padding = await leased(witness, () => storage.leaseRange(0, BLOCK - 1, 2))
      assert.deepEqual(Uint8Array.from(padding.bytes), blockMessage(0, BLOCK - 1, new Uint8Array(2)))
      padding.release()
      assert.equal(pool.usage.readBytes, 2 ** 18)
    }
  })

  test('lent blocks do not change; a caller that finds the cache full is told when memory was given back', async context => {
    const { pool, sample, storage, witness } = open(context, SHAPE, 2 ** 18)
    await using _pool = pool
    const first = await leased(witness, () => storage.leaseBlocks(0, 0, 1))
    const again = await leased(witness, () => storage.leaseBlocks(0, 1, 1))
    assert.equal(storage.leaseBlocks(1, 0, 1), 'loading')
    assert.equal(storage.leaseBlocks(1, 0, 1), 'loading')
    assert.deepEqual(Uint8Array.from(first.bytes), message(sample, 0, 0))
    first.release()
    first.release()
    assert.equal(storage.leaseBlocks(1, 0, 1), 'loading', 'the other lease still holds the memory')
    const told = witness.next()
    again.release()
    await told
    const next = await leased(witness, () => storage.leaseBlocks(1, 0, 1))
    assert.deepEqual(Uint8Array.from(next.bytes), message(sample, 1, 0))
    next.release()
  })

  test('a file that has become short fails with its path, and can be asked for again once it is taken as it is', async context => {
    const { dir, pool, sample, storage, witness } = open(context, SHAPE, 2 ** 20)
    await using _pool = pool
    truncateSync(storage.pathOf(0), 1000)
    assert.equal(storage.leaseBlocks(0, 0, 1), 'loading')
    await witness.until(() => witness.errors.length > 0)
    assert.equal(witness.errors[0]?.error.code, 'changed')
    assert.equal(witness.errors[0]?.error.facts.path, storage.pathOf(0))
    assert.equal(storage.leaseBlocks(0, 0, 1), 'failed')
    writeContent(sample, dir)
    await storage.files.rebase([0])
    const lease = await leased(witness, () => storage.leaseBlocks(0, 0, 1))
    assert.deepEqual(Uint8Array.from(lease.bytes), message(sample, 0, 0))
    lease.release()
  })

  test('leases outlive the storage, and nothing else does', async context => {
    const { pool, sample, storage, witness } = open(context, SHAPE, 2 ** 20)
    await using _pool = pool
    const lease = await leased(witness, () => storage.leaseBlocks(0, 0, 1))
    storage.prefetch(1, 0, 2 ** 18)
    await storage.close()
    assert.equal(storage.leaseBlocks(0, 0, 1), 'failed')
    assert.deepEqual(Uint8Array.from(lease.bytes), message(sample, 0, 0))
    assert.equal(pool.usage.readBytes, 2 ** 18)
    lease.release()
    assert.equal(pool.usage.readBytes, 0)
  })
})

function open(context: TestContext, shape: SampleShape, readBytes: number) {
  const pool = new DiskPool({ workers: 2, receiveBytes: 2 ** 18, readBytes })
  const sample = makeSample(shape)
  const dir = testFolder(context)
  writeContent(sample, dir)
  const storage = pool.openStorage(sample.layout, { dir, mode: 'read' })
  const witness = new Witness()
  storage.listen(witness)
  return { dir, pool, sample, storage, witness }
}

/** The message that carries a block. */
function message(sample: Sample, piece: number, block: number): Uint8Array {
  const offset = block * BLOCK
  return blockMessage(piece, offset, wireBytes(sample, piece).subarray(offset, offset + BLOCK))
}

/** Asks until what is to be lent has been read. */
async function leased(witness: Witness, ask: () => ReadLease | 'loading' | 'failed'): Promise<ReadLease> {
  for (;;) {
    const lease = ask()
    assert.notEqual(lease, 'failed')
    if (typeof lease === 'object') return lease
    await witness.next()
  }
}
