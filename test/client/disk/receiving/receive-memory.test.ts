import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { CHUNK_LENGTH } from '../../../../src/client/disk/layout.js'
import {
  type FillingChunk,
  type MemoryUser,
  ReceiveMemory,
} from '../../../../src/client/disk/receiving/receive-memory.js'
import { NO_SLOT } from '../../../../src/client/disk/slot-memory.js'

const MIB = 2 ** 20

describe('ReceiveMemory', () => {
  it('lets a torrent have 8 MiB that wait to be written, and goes on once some of it is', async () => {
    const memory = new ReceiveMemory(32 * MIB)
    const torrent = new Torrent()

    const unwritten = sendUntilRefused(memory, torrent)
    assert.equal(unwritten.length * CHUNK_LENGTH, 8 * MIB)
    assert.equal(torrent.calls, 0)

    memory.returned(torrent, unwritten[0] ?? NO_SLOT)
    await Promise.resolve()
    assert.equal(torrent.calls, 1)
    assert.ok(memory.take(chunkOf(torrent)))
  })

  it('gives memory to another torrent while one waits for its writes', () => {
    const memory = new ReceiveMemory(32 * MIB)
    sendUntilRefused(memory, new Torrent())
    assert.ok(memory.take(chunkOf(new Torrent())))
  })

  it('lets chunks that are still filling take more than 8 MiB', () => {
    const memory = new ReceiveMemory(32 * MIB)
    const torrent = new Torrent()
    const chunks = Array.from({ length: (16 * MIB) / CHUNK_LENGTH }, () => chunkOf(torrent))
    assert.ok(chunks.every(chunk => memory.take(chunk)))
  })
})

class Torrent implements MemoryUser {
  usedBytes = 0
  unwrittenBytes = 0
  calls = 0

  onRoom(): void {
    this.calls++
  }
}

function chunkOf(user: MemoryUser): FillingChunk {
  return { user, size: CHUNK_LENGTH, at: NO_SLOT, isQuiet: false, spill: () => undefined }
}

/** Fills chunks and hands them to a worker until there is no room; returns where their memory begins. */
function sendUntilRefused(memory: ReceiveMemory, user: MemoryUser): number[] {
  const places: number[] = []
  for (;;) {
    const chunk = chunkOf(user)
    if (!memory.take(chunk)) return places
    places.push(chunk.at)
    memory.sent(chunk)
  }
}
