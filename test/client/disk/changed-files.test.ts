// What other programs do to files while pieces are written to them, or read from them.

import assert from 'node:assert/strict'
import { renameSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { describe, type TestContext, test } from 'node:test'
import { DiskPool } from '../../../src/client/disk/disk-pool.js'
import type { HashedBytes } from '../../../src/client/disk/messages.js'
import type { PieceDigests } from '../../../src/protocol/metainfo/piece-hashes.js'
import {
  BLOCK,
  expectedHashes,
  makeSample,
  receiveBlock,
  type Sample,
  testFolder,
  Witness,
  wireBytes,
  writeContent,
} from './support.js'

/** Two stripes: blocks go to the worker when all of a stripe are here. */
const BLOCKS = 128
const HALF = 64
const SAMPLE = makeSample({
  version: 'v1',
  pieceLength: BLOCKS * BLOCK,
  lengths: [2 * BLOCKS * BLOCK],
  hasPads: false,
  seed: 1,
})

class Origins extends Witness {
  readonly origins: HashedBytes[] = []

  override onPieceHashed(piece: number, digests: PieceDigests, origin?: HashedBytes): void {
    if (origin !== undefined) this.origins.push(origin)
    super.onPieceHashed(piece, digests)
  }
}

async function receiving(context: TestContext, sample: Sample = SAMPLE) {
  const dir = testFolder(context)
  const pool = new DiskPool({ workers: 1 })
  const storage = pool.openStorage(sample.layout, { dir, mode: 'write' })
  const witness = new Origins()
  storage.listen(witness)
  await storage.files.survey()
  /** Blocks of a piece, in this order; they are on the disk when it returns, as far as chunks are full. */
  const receive = async (piece: number, blocks: readonly number[]) => {
    const bytes = wireBytes(sample, piece)
    for (const block of blocks) {
      const offset = block * BLOCK
      await receiveBlock(pool, storage, witness, piece, offset, bytes.subarray(offset, offset + BLOCK))
    }
    await storage.drain()
  }
  return { pool, storage, witness, receive, path: storage.pathOf(0) }
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at)

describe('a file that another program is at while a piece comes', () => {
  test('and cuts: the piece has to come again, and is right then', async context => {
    const { pool, storage, witness, receive, path } = await receiving(context)
    await using _pool = pool
    await receive(0, range(HALF, BLOCKS))
    // The second half is on the disk, and will have to be read back for the hash.
    truncateSync(path, (HALF + 4) * BLOCK)
    await receive(0, range(0, HALF))
    await witness.until(() => witness.spoiled.length > 0)
    assert.equal(witness.spoiled[0]?.error.code, 'changed')
    assert.equal(witness.spoiled[0]?.error.facts.path, path)
    assert.deepEqual([witness.hashed.size, witness.errors.length], [0, 0])
    await receive(0, range(0, BLOCKS))
    await witness.until(() => witness.hashed.has(0))
    assert.deepEqual(witness.hashed.get(0), expectedHashes(SAMPLE, 0))
    assert.deepEqual(storage.files.noticed(), [0])
  })

  test('and overwrites: the wrong digest is said to come from changed files', async context => {
    const { pool, storage, witness, receive, path } = await receiving(context)
    await using _pool = pool
    await receive(0, range(HALF, BLOCKS))
    writeFileSync(path, Buffer.alloc(BLOCKS * BLOCK, 1), { flag: 'r+' })
    await receive(0, range(0, HALF))
    await witness.until(() => witness.hashed.has(0))
    assert.notDeepEqual(witness.hashed.get(0), expectedHashes(SAMPLE, 0))
    assert.deepEqual(witness.origins, ['changed-files'])
    assert.deepEqual(storage.files.noticed(), [0])
  })

  test('and leaves alone: digests come from what was received', async context => {
    const { pool, storage, witness, receive } = await receiving(context)
    await using _pool = pool
    await receive(0, range(HALF, BLOCKS))
    await receive(0, range(0, HALF))
    await receive(1, range(0, BLOCKS))
    await witness.until(() => witness.hashed.size === 2)
    assert.deepEqual(witness.origins, ['as-received', 'as-received'])
    assert.deepEqual(await storage.files.findChanged(), [])
  })

  for (const [what, change] of [
    ['removes', (path: string) => rmSync(path)],
    ['replaces', (path: string) => replace(path)],
  ] as const) {
    test(`and ${what}: what comes later is written to the file that is there now`, async context => {
      const { pool, storage, witness, receive, path } = await receiving(context)
      await using _pool = pool
      await receive(0, range(0, BLOCKS))
      change(path)
      await receive(1, range(0, BLOCKS))
      await witness.until(() => witness.hashed.has(1))
      assert.deepEqual(await storage.files.findChanged(), [0])
      await storage.files.rebase([0])
      const found: string[] = []
      await storage.hashPieces(0, 1, {
        onPiece: (piece, { sha1 }) => found.push(`${piece} ${isExpected(piece, sha1)}`),
      })
      assert.deepEqual(found.sort(), ['0 false', '1 true'])
    })
  }
})

describe('a file that another program changes while it is served', () => {
  const changes: [string, (path: string) => void, code: string][] = [
    [
      'is refused where a byte changed, with the size as before',
      path => writeFileSync(path, 'x', { flag: 'r+' }),
      'changed',
    ],
    ['is refused where it was replaced', replace, 'changed'],
    ['is gone where it was removed', path => rmSync(path), 'gone'],
  ]
  for (const [what, change, code] of changes) {
    test(what, async context => {
      const dir = testFolder(context)
      writeContent(SAMPLE, dir)
      await using pool = new DiskPool({ workers: 1 })
      await using storage = pool.openStorage(SAMPLE.layout, { dir, mode: 'read' })
      const witness = new Witness()
      storage.listen(witness)
      await storage.files.survey()
      change(storage.pathOf(0))
      assert.equal(storage.leaseBlocks(0, 0, 1), 'loading')
      await witness.until(() => witness.errors.length > 0)
      assert.equal(witness.errors[0]?.error.code, code)
      assert.equal(storage.leaseBlocks(0, 0, 1), 'failed')
      assert.deepEqual(storage.files.noticed(), [0])
    })
  }
})

function replace(path: string): void {
  writeFileSync(`${path}.new`, Buffer.alloc(2 * BLOCKS * BLOCK, 2))
  renameSync(`${path}.new`, path)
}

function isExpected(piece: number, sha1: Uint8Array | undefined): boolean {
  const expected = expectedHashes(SAMPLE, piece).sha1
  return sha1 !== undefined && expected !== undefined && Buffer.from(sha1).equals(expected)
}
