import assert from 'node:assert/strict'
import { truncateSync } from 'node:fs'
import { describe, type TestContext, test } from 'node:test'
import { DiskPool } from '../../../src/client/disk/disk-pool.js'
import type { ReadLease } from '../../../src/client/disk/reader.js'
import type { Storage } from '../../../src/client/disk/storage.js'
import {
  BLOCK,
  makeSample,
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
  test('every range is what the torrent says, pads too', async context => {
    for (const pieceLength of [16_384, 300_001, 2 ** 19]) {
      const { pool, sample, storage, witness } = open(context, { ...SHAPE, pieceLength }, 2 ** 20)
      await using _pool = pool
      for (let piece = 0; piece < sample.map.pieceCount; piece++) {
        const bytes = wireBytes(sample, piece)
        for (let offset = 0; offset < bytes.length; offset += 10_007) {
          const length = Math.min(BLOCK, bytes.length - offset)
          const lease = await leased(storage, witness, piece, offset, length)
          assert.deepEqual(Uint8Array.from(lease.bytes), bytes.slice(offset, offset + length))
          lease.release()
        }
      }
    }
  })

  test('a segment is read once, however many ask for it', async context => {
    const { pool, storage, witness } = open(context, SHAPE, 2 ** 20)
    await using _pool = pool
    for (let offset = 0; offset < 2 ** 18; offset += BLOCK)
      assert.equal(storage.lease(0, offset, BLOCK), 'loading')
    storage.prefetch(0, 0, 2 ** 18)
    assert.equal(pool.usage.readBytes, 2 ** 18)
    const leases = [
      await leased(storage, witness, 0, 0, BLOCK),
      await leased(storage, witness, 0, BLOCK, BLOCK),
    ]
    assert.equal(pool.usage.readBytes, 2 ** 18)
    for (const lease of leases) lease.release()
  })

  test('what is lent stays as it is; who finds the cache full hears when something is given back', async context => {
    const { pool, sample, storage, witness } = open(context, SHAPE, 2 ** 18)
    await using _pool = pool
    const first = await leased(storage, witness, 0, 0, BLOCK)
    const again = await leased(storage, witness, 0, BLOCK, BLOCK)
    assert.equal(storage.lease(1, 0, BLOCK), 'loading')
    assert.equal(storage.lease(1, 0, BLOCK), 'loading')
    assert.deepEqual(Uint8Array.from(first.bytes), wireBytes(sample, 0).slice(0, BLOCK))
    first.release()
    first.release()
    assert.equal(storage.lease(1, 0, BLOCK), 'loading', 'the other lease still holds the memory')
    const told = witness.next()
    again.release()
    await told
    const next = await leased(storage, witness, 1, 0, BLOCK)
    assert.deepEqual(Uint8Array.from(next.bytes), wireBytes(sample, 1).slice(0, BLOCK))
    next.release()
  })

  test('a file that has become short fails with its path, and can be asked for again', async context => {
    const { dir, pool, sample, storage, witness } = open(context, SHAPE, 2 ** 20)
    await using _pool = pool
    truncateSync(storage.pathOf(0), 1000)
    assert.equal(storage.lease(0, 0, BLOCK), 'loading')
    await witness.until(() => witness.errors.length > 0)
    assert.equal(witness.errors[0]?.error.code, 'changed')
    assert.equal(witness.errors[0]?.error.facts.path, storage.pathOf(0))
    assert.equal(storage.lease(0, 0, BLOCK), 'failed')
    writeContent(sample, dir)
    const lease = await leased(storage, witness, 0, 0, BLOCK)
    assert.deepEqual(Uint8Array.from(lease.bytes), wireBytes(sample, 0).slice(0, BLOCK))
    lease.release()
  })

  test('leases outlive the storage, and nothing else does', async context => {
    const { pool, sample, storage, witness } = open(context, SHAPE, 2 ** 20)
    await using _pool = pool
    const lease = await leased(storage, witness, 0, 0, BLOCK)
    storage.prefetch(1, 0, 2 ** 18)
    await storage.close()
    assert.equal(storage.lease(0, 0, BLOCK), 'failed')
    assert.deepEqual(Uint8Array.from(lease.bytes), wireBytes(sample, 0).slice(0, BLOCK))
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

async function leased(
  storage: Storage,
  witness: Witness,
  piece: number,
  offset: number,
  length: number,
): Promise<ReadLease> {
  for (;;) {
    const lease = storage.lease(piece, offset, length)
    assert.notEqual(lease, 'failed')
    if (typeof lease === 'object') return lease
    await witness.next()
  }
}
