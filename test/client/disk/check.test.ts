import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { DiskError } from '../../../src/client/disk/disk-error.js'
import { DiskPool } from '../../../src/client/disk/disk-pool.js'
import type { CheckedPiece } from '../../../src/client/disk/messages.js'
import type { Storage } from '../../../src/client/disk/storage.js'
import {
  contentOf,
  expectedHashes,
  makeSample,
  sampleShapes,
  sha256,
  testFolder,
  writeContent,
} from './support.js'

describe('checking', () => {
  test('finds the hashes of every piece and every file', async () => {
    await using pool = new DiskPool({ workers: 2 })
    await fc.assert(
      fc.asyncProperty(sampleShapes, async shape => {
        const dir = mkdtempSync(join(tmpdir(), 'torrent-disk-'))
        try {
          const sample = makeSample(shape)
          writeContent(sample, dir)
          await using storage = pool.openStorage(sample.layout, { dir, mode: 'read' })
          const found = await checkAll(storage)
          assert.equal(found.size, sample.map.pieceCount)
          for (const [piece, { sha1, root }] of found) {
            assert.deepEqual({ sha1, root }, expectedHashes(sample, piece), `piece ${piece}`)
          }
          const files = [...sample.layout.entries].flatMap((entry, index) =>
            entry.type === 'file' ? [index] : [],
          )
          const expected = files.map(index => new Uint8Array(sha256(contentOf(sample, index))))
          assert.deepEqual(await storage.hashFiles(files), expected)
        } finally {
          rmSync(dir, { recursive: true })
        }
      }),
      { numRuns: 40 },
    )
  })

  test('says what is missing and what is nothing but zeros, and makes no file', async context => {
    const dir = testFolder(context)
    const shape = { version: 'v1', pieceLength: 65_536, hasPads: false, seed: 1 } as const
    const sample = makeSample({ ...shape, lengths: [65_536 * 2, 65_536 * 2, 65_536 * 2 + 10, 30] })
    writeContent(sample, dir)
    await using pool = new DiskPool({ workers: 2 })
    await using storage = pool.openStorage(sample.layout, { dir, mode: 'write' })
    writeFileSync(storage.pathOf(1), new Uint8Array(65_536 * 2))
    truncateSync(storage.pathOf(2), 65_536 + 100)
    rmSync(storage.pathOf(3))
    const found = await checkAll(storage)
    const states = [...found].sort(([a], [b]) => a - b).map(([, { state }]) => state)
    assert.deepEqual(states, ['data', 'data', 'zeros', 'zeros', 'data', 'missing', 'missing'])
    assert.deepEqual(found.get(6), { sha1: undefined, root: undefined, state: 'missing' })
    const stamps = await storage.stat()
    assert.deepEqual(stamps.at(3), { type: 'missing' })
    const cut = stamps.at(2)
    assert.equal(cut.type === 'file' && cut.size, 65_536 + 100)
  })

  test('a part of the pieces can be checked', async context => {
    const dir = testFolder(context)
    const sample = makeSample({
      version: 'v2',
      pieceLength: 2 ** 20,
      lengths: [9e6],
      hasPads: false,
      seed: 1,
    })
    writeContent(sample, dir)
    await using pool = new DiskPool({ workers: 3 })
    await using storage = pool.openStorage(sample.layout, { dir, mode: 'read' })
    const found = await checkAll(storage, 3, 7)
    assert.deepEqual([...found.keys()].sort(), [3, 4, 5, 6, 7])
    assert.deepEqual(found.get(7)?.root, expectedHashes(sample, 7).root)
  })

  test('stops when it is told to, and when the storage is closed', async context => {
    const dir = testFolder(context)
    const sample = makeSample({
      version: 'v1',
      pieceLength: 2 ** 22,
      lengths: [2 ** 26],
      hasPads: false,
      seed: 1,
    })
    writeContent(sample, dir)
    await using pool = new DiskPool({ workers: 1 })
    const storage = pool.openStorage(sample.layout, { dir, mode: 'read' })
    const stop = new AbortController()
    let pieces = 0
    const options = {
      signal: stop.signal,
      onPiece() {
        pieces++
        stop.abort()
      },
    }
    await assert.rejects(storage.hashPieces(0, 15, options), { name: 'AbortError' })
    assert.ok(pieces < 4, `${pieces} pieces were checked after the stop`)
    await assert.rejects(storage.hashFiles([0], { signal: stop.signal }), { name: 'AbortError' })
    const isClosed = (error: unknown): boolean => error instanceof DiskError && error.code === 'closed'
    const closed = assert.rejects(checkAll(storage), isClosed)
    await storage.close()
    await closed
  })

  test('a large file tells how far its checksum is, and a short one is no longer what it was', async context => {
    const dir = testFolder(context)
    const sample = makeSample({
      version: 'v1',
      pieceLength: 2 ** 20,
      lengths: [2 ** 24 + 5],
      hasPads: false,
      seed: 1,
    })
    writeContent(sample, dir)
    await using pool = new DiskPool({ workers: 2 })
    await using storage = pool.openStorage(sample.layout, { dir, mode: 'read' })
    const progress: number[] = []
    const onProgress = (done: number, total: number): void => {
      assert.equal(total, 2 ** 24 + 5)
      progress.push(done)
    }
    const checksums = await storage.hashFiles([0], { onProgress })
    assert.deepEqual(checksums, [new Uint8Array(sha256(contentOf(sample, 0)))])
    assert.ok(progress.length > 3)
    assert.equal(progress.at(-1), 2 ** 24 + 5)
    truncateSync(storage.pathOf(0), 100)
    await assert.rejects(
      storage.hashFiles([0]),
      error => error instanceof DiskError && error.code === 'changed',
    )
  })
})

async function checkAll(
  storage: Storage,
  first = 0,
  last = storage.map.pieceCount - 1,
): Promise<Map<number, CheckedPiece>> {
  const found = new Map<number, CheckedPiece>()
  await storage.hashPieces(first, last, {
    onPiece(piece, checked) {
      assert.ok(!found.has(piece))
      found.set(piece, checked)
    },
  })
  return found
}
