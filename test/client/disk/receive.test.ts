import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import fc from 'fast-check'
import { DiskPool } from '../../../src/client/disk/disk-pool.js'
import { indexed } from '../../../src/client/disk/layout.js'
import { NO_ROOM, NOT_NEEDED } from '../../../src/client/disk/receiving/intake.js'
import type { Storage } from '../../../src/client/disk/storage.js'
import {
  ALL,
  BLOCK,
  contentOf,
  expectedHashes,
  makeSample,
  receiveBlock,
  receivePiece,
  type Sample,
  sampleShapes,
  shuffledBlocks,
  testFolder,
  Witness,
  wireBytes,
} from './support.js'

/** Two slots of 256 KiB, so that a few half-received pieces fill the memory. */
const TINY = { workers: 2, receiveBytes: 2 ** 19, readBytes: 2 ** 19 }

describe('receiving', () => {
  test('whatever order blocks come in, hashes and files are right, in very little memory', async () => {
    await using pool = new DiskPool(TINY)
    let spilled = 0
    let abandoned = 0
    await fc.assert(
      fc.asyncProperty(sampleShapes, fc.constantFrom(1, 8, 40, 1000), async (shape, window) => {
        const dir = mkdtempSync(join(tmpdir(), 'torrent-disk-'))
        try {
          const sample = makeSample(shape)
          const run = await receiveAll(pool, sample, dir, window, shape.seed)
          spilled += run.mustHaveSpilled ? 1 : 0
          abandoned += run.abandoned
        } finally {
          rmSync(dir, { recursive: true })
        }
      }),
      { numRuns: 40 },
    )
    assert.ok(spilled > 0, 'no run needed more chunks at a time than there is memory for')
    assert.ok(abandoned > 0, 'no run lost a connection within a block')
  })

  test('a small file takes only the memory that it fills, however long the pieces', async context => {
    const sample = makeSample({
      version: 'v2',
      pieceLength: 2 ** 20,
      lengths: [4096, BLOCK + 1],
      hasPads: false,
      seed: 1,
    })
    const { pool, storage } = open(context, sample)
    await using _pool = pool
    for (const [piece, length] of [4096, BLOCK].entries()) {
      assert.notEqual(storage.place(piece, 0, length), NO_ROOM)
    }
    assert.equal(pool.usage.receiveBytes, BLOCK + 2 * BLOCK)
    for (const piece of [0, 1]) storage.abandon(piece, 0)
    assert.equal(pool.usage.receiveBytes, 0)
  })

  test('a discarded piece can be received again, and what was cached of it is read anew', async context => {
    const sample = makeSample({
      version: 'hybrid',
      pieceLength: 2 ** 18,
      lengths: [600_000],
      hasPads: false,
      seed: 1,
    })
    const { pool, storage, witness } = open(context, sample)
    await using _pool = pool
    const right = wireBytes(sample, 1)
    const wrong = Uint8Array.from(right, byte => byte ^ 1)
    await receivePiece(pool, storage, witness, 1, wrong)
    await witness.until(() => witness.hashed.has(1))
    assert.notDeepEqual(witness.hashed.get(1), expectedHashes(sample, 1))
    assert.equal(storage.place(1, 0, BLOCK), NOT_NEEDED, 'a piece that was hashed is not received twice')
    assert.deepEqual(await readBlock(storage, witness, 1), wrong.subarray(0, BLOCK))

    storage.discard(1)
    witness.hashed.clear()
    await receivePiece(pool, storage, witness, 1, right)
    await witness.until(() => witness.hashed.has(1))
    assert.deepEqual(witness.hashed.get(1), expectedHashes(sample, 1))
    assert.deepEqual(await readBlock(storage, witness, 1), right.subarray(0, BLOCK))
  })

  test('a piece that is discarded half-way keeps the blocks that are still arriving', async context => {
    const sample = makeSample({
      version: 'v1',
      pieceLength: 2 ** 19,
      lengths: [2 ** 19],
      hasPads: false,
      seed: 2,
    })
    const { pool, storage, witness } = open(context, sample)
    await using _pool = pool
    const bytes = wireBytes(sample, 0)
    const at = storage.place(0, 0, BLOCK)
    for (let offset = BLOCK; offset < bytes.length / 2 + 5 * BLOCK; offset += BLOCK) {
      await receiveBlock(pool, storage, witness, 0, offset, new Uint8Array(BLOCK))
    }
    storage.discard(0)
    assert.equal(storage.place(0, 0, BLOCK), NOT_NEEDED, 'its place is taken')
    pool.receiveMemory.set(bytes.subarray(0, BLOCK), at)
    storage.placed(0, 0)
    await receivePiece(pool, storage, witness, 0, bytes)
    await witness.until(() => witness.hashed.has(0))
    assert.deepEqual(witness.hashed.get(0), expectedHashes(sample, 0))
    assert.equal(pool.usage.receiveBytes, 0)
  })

  test('a piece whose file cannot be written is reported once, and goes through when it can', async context => {
    const sample = makeSample({
      version: 'v1',
      pieceLength: 2 ** 20,
      lengths: [2 ** 20],
      hasPads: false,
      seed: 3,
    })
    const { pool, storage, witness } = open(context, sample)
    await using _pool = pool
    mkdirSync(storage.pathOf(0), { recursive: true })
    await receivePiece(pool, storage, witness, 0, wireBytes(sample, 0))
    await witness.until(() => witness.errors.length > 0)
    assert.equal(witness.errors[0]?.error.code, 'not-a-file')
    assert.equal(witness.errors[0]?.error.facts.path, storage.pathOf(0))

    rmdirSync(storage.pathOf(0))
    // Chunks of the failed attempt may still be on their way back: what was taken for the new one arrives again.
    storage.discard(0)
    await receivePiece(pool, storage, witness, 0, wireBytes(sample, 0))
    await witness.until(() => witness.hashed.has(0))
    assert.deepEqual(witness.hashed.get(0), expectedHashes(sample, 0))
    assert.equal(witness.errors.length, 1)
    assert.equal(pool.usage.receiveBytes, 0)
  })

  test('memory that blocks are arriving in is never given to others, not even by closing', async context => {
    const sample = makeSample({
      version: 'v1',
      pieceLength: 2 ** 18,
      lengths: [2 ** 20],
      hasPads: false,
      seed: 4,
    })
    const { pool, storage } = open(context, sample)
    await using _pool = pool
    const places = [storage.place(0, 0, BLOCK), storage.place(1, 0, BLOCK)]
    assert.ok(places.every(at => at >= 0))
    assert.equal(storage.place(2, 0, BLOCK), NO_ROOM)
    await storage.close()
    assert.equal(pool.usage.receiveBytes, 2 ** 19)
    assert.equal(storage.place(0, BLOCK, BLOCK), NOT_NEEDED)
    storage.placed(0, 0)
    storage.abandon(1, 0)
    assert.equal(pool.usage.receiveBytes, 0)
  })

  test('a torrent that found no room is told when there is some, also when another torrent gave it back', async context => {
    const sample = makeSample({
      version: 'v2',
      pieceLength: 2 ** 18,
      lengths: [2 ** 20],
      hasPads: false,
      seed: 5,
    })
    const { pool, storage } = open(context, sample)
    await using _pool = pool
    const other = pool.openStorage(sample.layout, { dir: testFolder(context), mode: 'write' })
    const witness = new Witness()
    other.listen(witness)
    storage.place(0, 0, BLOCK)
    storage.place(1, 0, BLOCK)
    assert.equal(other.place(0, 0, BLOCK), NO_ROOM)
    const room = witness.next()
    storage.abandon(1, 0)
    await room
    assert.ok(other.place(0, 0, BLOCK) >= 0)
    other.abandon(0, 0)
    storage.abandon(0, 0)
  })
})

function open(context: TestContext, sample: Sample) {
  const pool = new DiskPool(TINY)
  const storage = pool.openStorage(sample.layout, { dir: testFolder(context), mode: 'write' })
  const witness = new Witness()
  storage.listen(witness)
  return { pool, storage, witness }
}

/** The first block of a piece, as it would be uploaded. */
async function readBlock(storage: Storage, witness: Witness, piece: number): Promise<Uint8Array> {
  for (;;) {
    const lease = storage.leaseRange(piece, 0, BLOCK)
    assert.notEqual(lease, 'failed')
    if (typeof lease === 'object') {
      const bytes = Uint8Array.from(lease.bytes.subarray(13))
      lease.release()
      return bytes
    }
    await witness.next()
  }
}

async function receiveAll(pool: DiskPool, sample: Sample, dir: string, window: number, seed: number) {
  await using storage = pool.openStorage(sample.layout, { dir, mode: 'write' })
  const witness = new Witness()
  storage.listen(witness)
  await storage.prepare(ALL)
  const partial = new Map<string, number>()
  let mustHaveSpilled = false
  let abandoned = 0
  for (const { piece, offset } of shuffledBlocks(sample, window, seed)) {
    const bytes = Uint8Array.from(wireBytes(sample, piece).subarray(offset, offset + BLOCK))
    // A peer may send anything for pads.
    const dataLength = sample.map.dataSize(piece) - offset
    if (sample.layout.version === 'hybrid') bytes.fill(0xee, Math.max(0, dataLength))
    if ((piece + offset / BLOCK) % 5 === 0) {
      const at = storage.place(piece, offset, bytes.length)
      if (at !== NO_ROOM) {
        pool.receiveMemory.set(bytes.subarray(0, bytes.length >> 1), at)
        assert.equal(storage.place(piece, offset, bytes.length), NOT_NEEDED)
        storage.abandon(piece, offset)
        abandoned++
      }
    }
    assert.equal(await receiveBlock(pool, storage, witness, piece, offset, bytes), 'placed')
    assert.equal(storage.place(piece, offset, bytes.length), NOT_NEEDED)
    const chunk = `${piece}/${Math.floor(offset / 2 ** 18)}`
    partial.set(chunk, (partial.get(chunk) ?? 0) + 1)
    const blocks = Math.min(16, sample.map.blockCount(piece) - Math.floor(offset / 2 ** 18) * 16)
    if (partial.get(chunk) === blocks) partial.delete(chunk)
    mustHaveSpilled ||= partial.size > pool.receiveMemory.length / Math.min(2 ** 18, sample.map.pieceLength)
  }
  const withData = Array.from({ length: sample.map.pieceCount }, (_, piece) => piece).filter(
    piece => sample.map.blockCount(piece) > 0,
  )
  await witness.until(() => witness.hashed.size === withData.length)
  for (const piece of withData) assert.deepEqual(witness.hashed.get(piece), expectedHashes(sample, piece))
  for (const [index, entry] of indexed(sample.layout.entries)) {
    if (entry.type !== 'file') continue
    assert.ok(readFileSync(storage.pathOf(index)).equals(contentOf(sample, index)), `file ${index}`)
  }
  assert.deepEqual(witness.errors, [])
  assert.equal(pool.usage.receiveBytes, 0)
  return { mustHaveSpilled, abandoned }
}
