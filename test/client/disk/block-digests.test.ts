import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { rmSync } from 'node:fs'
import { test } from 'node:test'
import { DiskPool } from '../../../src/client/disk/disk-pool.js'
import { BLOCK, makeSample, receivePiece, testFolder, Witness, wireBytes } from './support.js'

const DIGEST = 32

for (const version of ['v1', 'v2', 'hybrid'] as const) {
  test(`${version}: the digests of a bad copy differ from those of the good one in the bad blocks alone`, async context => {
    const sample = makeSample({
      version,
      pieceLength: 2 ** 19,
      lengths: [300_000, 900_000],
      hasPads: true,
      seed: 5,
    })
    await using pool = new DiskPool({ workers: 2, receiveBytes: 2 ** 20, readBytes: 2 ** 19 })
    const storage = pool.openStorage(sample.layout, { dir: testFolder(context), mode: 'write' })
    const witness = new Witness()
    storage.listen(witness)
    const good = wireBytes(sample, 1)
    const bad = Uint8Array.from(good)
    for (const block of [2, 17]) bad[block * BLOCK + 5]! ^= 1

    const digestsOf = async (bytes: Uint8Array) => {
      witness.hashed.clear()
      await receivePiece(pool, storage, witness, 1, bytes)
      await witness.until(() => witness.hashed.has(1))
      const digests = await storage.digestBlocks(1)
      assert.ok(digests)
      storage.discard(1)
      return digests
    }
    const ofBad = await digestsOf(bad)
    const ofGood = await digestsOf(good)
    const differing: number[] = []
    for (let block = 0; block < storage.map.blockCount(1); block++) {
      const [start, end] = [block * DIGEST, (block + 1) * DIGEST]
      if (Buffer.compare(ofBad.subarray(start, end), ofGood.subarray(start, end)) !== 0) differing.push(block)
    }
    assert.deepEqual(differing, [2, 17])
    assert.deepEqual(
      Buffer.from(ofGood.subarray(0, DIGEST)),
      createHash('sha256').update(good.subarray(0, BLOCK)).digest(),
    )
    rmSync(storage.pathOf([...sample.layout.entries].findLastIndex(({ type }) => type === 'file')))
    // Another worker may still have the file open; opening it again finds nothing.
    await storage.rest()
    assert.equal(await storage.digestBlocks(1), undefined)
  })
}
