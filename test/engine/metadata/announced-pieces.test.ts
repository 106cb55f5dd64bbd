import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  AnnouncedMemory,
  AnnouncedPieces,
  MAX_ANNOUNCED_BYTES,
} from '../../../src/engine/metadata/announced-pieces.js'
import type { PeerMessages } from '../../../src/protocol/peer/messages.js'

/** The messages that are repeated, with their values. */
function repeated(pieces: AnnouncedPieces, pieceCount: number): unknown[] {
  const heard: unknown[] = []
  const listener = new Proxy({} as PeerMessages, {
    get:
      (_, name: string) =>
      (...values: unknown[]) =>
        heard.push([name, ...values.map(value => (value instanceof Uint8Array ? [...value] : value))]),
  })
  for (const repeat of pieces.messages(pieceCount)) repeat(listener)
  return heard
}

describe('pieces that are announced before their number is known', () => {
  it('are repeated as they were said', () => {
    const none = new AnnouncedPieces(new AnnouncedMemory())
    assert.deepEqual([none.fits(9), repeated(none, 9)], [true, []])
    none.haveNone()
    none.have(8)
    none.have(3)
    assert.deepEqual(repeated(none, 9), [['haveNone'], ['have', 3], ['have', 8]])
    const some = new AnnouncedPieces(new AnnouncedMemory())
    some.bitfield(new Uint8Array([0x80, 0]))
    some.have(8)
    // As aria2 sends it where that is shorter than a `have` for each new piece.
    some.bitfield(new Uint8Array([0, 0x80]))
    assert.deepEqual([some.fits(9), repeated(some, 9)], [true, [['bitfield', [0x80, 0x80]]]])
    some.haveAll()
    some.have(1)
    assert.deepEqual([some.fits(9), repeated(some, 9)], [true, [['haveAll']]])
  })

  it('fit only a torrent that has them', () => {
    const bitfield = new AnnouncedPieces(new AnnouncedMemory())
    bitfield.bitfield(new Uint8Array([0, 0x40]))
    assert.deepEqual(
      [9, 10, 16, 17, 8].map(count => bitfield.fits(count)),
      [false, true, true, false, false],
    )
    const haves = new AnnouncedPieces(new AnnouncedMemory())
    haves.have(100)
    assert.deepEqual(
      [100, 101, 10_000].map(count => haves.fits(count)),
      [false, true, true],
    )
  })

  it('take no more memory than all peers of a torrent may have together', () => {
    const memory = new AnnouncedMemory()
    const bits = new Uint8Array(2 ** 18).fill(0xff)
    const fits: boolean[] = []
    const all: AnnouncedPieces[] = []
    for (let peer = 0; peer <= MAX_ANNOUNCED_BYTES / bits.length; peer++) {
      const pieces = new AnnouncedPieces(memory)
      pieces.bitfield(bits)
      all.push(pieces)
      fits.push(pieces.fits(bits.length * 8))
    }
    assert.deepEqual([fits.filter(Boolean).length, fits.at(-1)], [MAX_ANNOUNCED_BYTES / bits.length, false])
    // That of a peer that leaves is free again.
    all[0]?.release()
    all[0]?.release()
    const next = new AnnouncedPieces(memory)
    next.bitfield(bits)
    const tooMany = new AnnouncedPieces(memory)
    tooMany.have(2 ** 32 - 1)
    tooMany.have(1)
    assert.deepEqual([next.fits(2 ** 21), tooMany.fits(2 ** 21)], [true, false])
    // What is said anew takes no memory.
    tooMany.haveAll()
    assert.equal(tooMany.fits(2 ** 21), true)
  })
})
