// Torrents that share the memory for blocks that arrive.

import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { DiskPool } from '../../../src/client/disk/disk-pool.js'
import { NO_ROOM } from '../../../src/client/disk/receiving/intake.js'
import type { Storage } from '../../../src/client/disk/storage.js'
import { BLOCK, makeSample, receivePiece, type Sample, testFolder, Witness } from './support.js'

const CHUNK = 16 * BLOCK
const SLOTS = 16

function open(context: TestContext, pool: DiskPool, seed: number) {
  const sample = makeSample({
    version: 'v1',
    pieceLength: CHUNK,
    lengths: [4 * SLOTS * CHUNK],
    hasPads: false,
    seed,
  })
  const storage = pool.openStorage(sample.layout, { dir: testFolder(context), mode: 'write' })
  const witness = new Witness()
  storage.listen(witness)
  return { sample, storage, witness }
}

/** Begins a block of one piece after the other, none of which goes on. Returns in how many there was room for it. */
function stall(storage: Storage): number {
  let pieces = 0
  while (pieces < 4 * SLOTS && storage.place(pieces, 0, BLOCK) !== NO_ROOM) pieces++
  return pieces
}

function pieceOf({ map, space }: Sample, piece: number): Uint8Array {
  return space.subarray(piece * CHUNK, piece * CHUNK + map.servedSize(piece))
}

describe('memory for blocks that arrive', () => {
  it('is all for a torrent that is alone', async context => {
    await using pool = new DiskPool({ receiveBytes: SLOTS * CHUNK })
    const { storage } = open(context, pool, 1)
    assert.equal(stall(storage), SLOTS)
  })

  it('is not all taken by a torrent whose peers stand still', async context => {
    await using pool = new DiskPool({ receiveBytes: SLOTS * CHUNK })
    const stalled = open(context, pool, 1)
    const other = open(context, pool, 2)
    assert.notEqual(other.storage.place(0, 0, BLOCK), NO_ROOM)
    assert.equal(stall(stalled.storage), (3 / 4) * SLOTS - 1)
    for (let piece = 1; piece < 3 * SLOTS; piece++)
      await receivePiece(pool, other.storage, other.witness, piece, pieceOf(other.sample, piece))
    await other.storage.drain()
    assert.equal(other.witness.hashed.size, 3 * SLOTS - 1)
  })

  it('is there again for a torrent that had its share, once the others have gone', async context => {
    await using pool = new DiskPool({ receiveBytes: SLOTS * CHUNK })
    const one = open(context, pool, 1)
    const other = open(context, pool, 2)
    const pieces = (3 / 4) * SLOTS
    assert.notEqual(other.storage.place(0, 0, BLOCK), NO_ROOM)
    assert.equal(stall(one.storage), pieces - 1)
    other.storage.abandon(0, 0)
    await one.witness.next()
    assert.notEqual(one.storage.place(pieces - 1, 0, BLOCK), NO_ROOM)
  })

  it('comes back from a torrent over its share by writing what is half there', async context => {
    await using pool = new DiskPool({ receiveBytes: SLOTS * CHUNK })
    const one = open(context, pool, 1)
    const other = open(context, pool, 2)
    assert.notEqual(other.storage.place(0, 0, BLOCK), NO_ROOM)
    const begun = stall(one.storage)
    for (let piece = 0; piece < begun; piece++) one.storage.placed(piece, 0)
    // Nothing but this torrent's own half-filled chunks can make room for it.
    while (one.storage.place(begun, 0, BLOCK) === NO_ROOM) await one.witness.next()
  })
})
