// Torrents that share the memory for blocks that arrive, and that for blocks that leave.

import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { DiskPool } from '../../../src/client/disk/disk-pool.js'
import { NO_ROOM } from '../../../src/client/disk/receiving/intake.js'
import type { ReadLease } from '../../../src/client/disk/sending/reader.js'
import type { Storage } from '../../../src/client/disk/storage.js'
import { BLOCK, makeSample, receivePiece, type Sample, testFolder, Witness, writeContent } from './support.js'

const CHUNK = 16 * BLOCK
const SLOTS = 16

function open(context: TestContext, pool: DiskPool, seed: number, mode: 'read' | 'write' = 'write') {
  const sample = makeSample({
    version: 'v1',
    pieceLength: CHUNK,
    lengths: [4 * SLOTS * CHUNK],
    hasPads: false,
    seed,
  })
  const dir = testFolder(context)
  if (mode === 'read') writeContent(sample, dir)
  const storage = pool.openStorage(sample.layout, { dir, mode })
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

describe('memory for blocks that leave', () => {
  it('is not all kept by a torrent whose peers take nothing, even where it was alone at first', async context => {
    await using pool = new DiskPool({ readBytes: SLOTS * CHUNK })
    const stalled = open(context, pool, 1, 'read')
    const other = open(context, pool, 2, 'read')
    const places = (3 / 4) * SLOTS
    const kept: ReadLease[] = []
    for (let piece = 0; piece < places; piece++) kept.push(await leased(stalled, piece))
    for (let piece = places; piece < 4 * SLOTS; piece++) stalled.storage.prefetch(piece, 0, BLOCK)
    assert.equal(pool.usage.readBytes, places * CHUNK)
    for (let piece = 0; piece < 2 * SLOTS; piece++) (await leased(other, piece)).release()
    for (const lease of kept) lease.release()
    assert.equal(typeof (await leased(stalled, places)), 'object')
  })

  it('is divided among those that read', async context => {
    await using pool = new DiskPool({ readBytes: SLOTS * CHUNK })
    const torrents = [1, 2].map(seed => open(context, pool, seed, 'read'))
    // In turns, each as many as it gets.
    for (let piece = 0; piece < SLOTS; piece++)
      for (const { storage } of torrents) storage.prefetch(piece, 0, BLOCK)
    assert.ok(pool.usage.readBytes >= (3 / 4) * SLOTS * CHUNK)
    assert.ok(pool.usage.readBytes < SLOTS * CHUNK)
    for (const torrent of torrents) (await leased(torrent, 0)).release()
  })
})

async function leased({ storage, witness }: ReturnType<typeof open>, piece: number): Promise<ReadLease> {
  for (;;) {
    const lease = storage.leaseBlocks(piece, 0, 1)
    assert.notEqual(lease, 'failed')
    if (typeof lease === 'object') return lease
    await witness.next()
  }
}
