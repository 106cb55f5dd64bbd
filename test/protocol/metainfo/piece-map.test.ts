import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import {
  BLOCK_LENGTH,
  type ContentEntry,
  type TorrentVersion,
} from '../../../src/protocol/metainfo/metainfo.js'
import { PieceMap } from '../../../src/protocol/metainfo/piece-map.js'
import { planContent } from '../../support/in-one-go.js'
import { parsed, v1Folder } from './crafting.js'

const PIECE = 2 * BLOCK_LENGTH

function planOf(version: TorrentVersion, ...lengths: number[]) {
  return planContent({
    name: 'content',
    isFolder: true,
    version,
    pieceLength: PIECE,
    files: lengths.map((length, i) => ({
      type: 'file',
      path: [String(i).padStart(4, '0')],
      length,
      isExecutable: false,
    })),
  })
}

function mapOf(version: TorrentVersion, ...lengths: number[]): PieceMap {
  return new PieceMap(planOf(version, ...lengths))
}

/** Sizes of all pieces: as peers speak of them, with data, and as they are served. */
function sizesOf(map: PieceMap): [wire: number, data: number, served: number, blocks: number][] {
  return Array.from({ length: map.pieceCount }, (_, i) => [
    map.pieceSize(i),
    map.dataSize(i),
    map.servedSize(i),
    map.blockCount(i),
  ])
}

describe('pieces', () => {
  test('of v1 run through the files, the last one short', () => {
    assert.deepEqual(sizesOf(mapOf('v1', 10, PIECE, 5)), [
      [PIECE, PIECE, PIECE, 2],
      [15, 15, 15, 1],
    ])
  })

  test('of v2 are short at the end of each file, but are served to the full', () => {
    assert.deepEqual(sizesOf(mapOf('v2', PIECE + 10, 0, PIECE, BLOCK_LENGTH + 1)), [
      [PIECE, PIECE, PIECE, 2],
      [10, 10, PIECE, 1],
      [PIECE, PIECE, PIECE, 2],
      [BLOCK_LENGTH + 1, BLOCK_LENGTH + 1, PIECE, 2],
    ])
  })

  test('of a hybrid are filled up with pads, behind the last file too', () => {
    assert.deepEqual(sizesOf(mapOf('hybrid', 10, PIECE, 5)), [
      [PIECE, 10, PIECE, 1],
      [PIECE, PIECE, PIECE, 2],
      [PIECE, 5, PIECE, 1],
    ])
  })

  test('of a hybrid without the pad at the end, the last is short', () => {
    assert.deepEqual(sizesOf(mapOf('hybrid', 10)), [[10, 10, 10, 1]])
    const plan = planOf('hybrid', 10, 5)
    const map = new PieceMap({ ...plan, entries: plan.entries.slice(0, -1) })
    assert.deepEqual(sizesOf(map), [
      [PIECE, 10, PIECE, 1],
      [5, 5, 5, 1],
    ])
  })

  test('of v1 may have pads in the middle, and pieces of nothing else', () => {
    const pad = (length: number) => ({ attr: 'p', length })
    const files = [{ length: 10, path: ['a'] }, pad(20), { length: 5, path: ['b'] }, pad(3 * PIECE - 35)]
    const map = new PieceMap(parsed(v1Folder(files, { 'piece length': PIECE, pieces: new Uint8Array(60) })))
    assert.deepEqual(sizesOf(map), [
      [PIECE, 35, PIECE, 1],
      [PIECE, 0, PIECE, 0],
      [PIECE, 0, PIECE, 0],
    ])
    assert.deepEqual(map.slices(0, 0, PIECE), [
      { entryIndex: 0, fileOffset: 0, rangeOffset: 0, length: 10 },
      { entryIndex: 2, fileOffset: 0, rangeOffset: 30, length: 5 },
    ])
    assert.deepEqual(map.slices(1, 0, PIECE), [])
    assert.equal(map.fileOfPiece(2), undefined)
  })

  test('are none where there is no content', () => {
    for (const version of ['v1', 'v2', 'hybrid'] as const) {
      const map = mapOf(version, 0, 0)
      assert.equal(map.pieceCount, 0)
      assert.equal(map.fileOfPiece(0), undefined)
    }
  })
})

test('blocks are of 16 KiB, the last as long as the piece leaves it', () => {
  const v2 = mapOf('v2', BLOCK_LENGTH + 10)
  assert.deepEqual([v2.blockLength(0, 0), v2.blockLength(0, 1)], [BLOCK_LENGTH, 10])
  // A pad behind the file is asked for along with its last block: it makes the block whole.
  const hybrid = mapOf('hybrid', BLOCK_LENGTH + 10, 5)
  assert.deepEqual([hybrid.blockLength(0, 0), hybrid.blockLength(0, 1)], [BLOCK_LENGTH, BLOCK_LENGTH])
})

test('a run of bytes over several files, empty ones between', () => {
  const map = mapOf('v1', 10, 0, 20, 0, PIECE)
  assert.deepEqual(map.slices(0, 5, 40), [
    { entryIndex: 0, fileOffset: 5, rangeOffset: 0, length: 5 },
    { entryIndex: 2, fileOffset: 0, rangeOffset: 5, length: 20 },
    { entryIndex: 4, fileOffset: 0, rangeOffset: 25, length: 15 },
  ])
})

describe('against the definition, for any layout', () => {
  const lengths = fc.array(
    fc.oneof(
      fc.constantFrom(0, 1, BLOCK_LENGTH, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE),
      fc.integer({ min: 0, max: 3 * PIECE }),
    ),
    { minLength: 1, maxLength: 12 },
  )
  const versions = fc.constantFrom<TorrentVersion[]>('v1', 'v2', 'hybrid')

  /** For each byte of a piece, which file and where in it; undefined for padding. */
  function bytesOf(entries: readonly ContentEntry[], piece: number): ([number, number] | undefined)[] {
    return Array.from({ length: PIECE }, (_, i) => {
      const at = piece * PIECE + i
      const index = entries.findIndex(
        ({ type, offset, length }) => type === 'file' && at >= offset && at < offset + length,
      )
      return index < 0 ? undefined : [index, at - (entries[index]?.offset ?? 0)]
    })
  }

  test('slices cover every byte of data, in order and once', () => {
    fc.assert(
      fc.property(versions, lengths, fc.nat(), fc.nat(), fc.nat(), (version, sizes, where, from, count) => {
        const plan = planOf(version, ...sizes)
        if (plan.pieceCount === 0) return
        const map = new PieceMap(plan)
        const piece = where % plan.pieceCount
        const offset = from % PIECE
        const length = count % (PIECE - offset + 1)
        const found = new Array<[number, number] | undefined>(length).fill(undefined)
        let end = 0
        for (const slice of map.slices(piece, offset, length)) {
          assert.ok(slice.length > 0 && slice.rangeOffset >= end)
          end = slice.rangeOffset + slice.length
          for (let i = 0; i < slice.length; i++) {
            found[slice.rangeOffset + i] = [slice.entryIndex, slice.fileOffset + i]
          }
        }
        assert.deepEqual(found, bytesOf(plan.entries, piece).slice(offset, offset + length))
      }),
      { numRuns: 30 },
    )
  })

  test('sizes, blocks and files of pieces fit what is there', () => {
    fc.assert(
      fc.property(versions, lengths, (version, sizes) => {
        const plan = planOf(version, ...sizes)
        const map = new PieceMap(plan)
        const end = Math.max(0, ...plan.entries.map(entry => entry.offset + entry.length))
        let data = 0
        for (let piece = 0; piece < plan.pieceCount; piece++) {
          const file = map.fileOfPiece(piece)
          const dataSize = map.dataSize(piece)
          data += dataSize
          assert.ok(
            dataSize > 0 && dataSize <= map.pieceSize(piece) && map.pieceSize(piece) <= map.servedSize(piece),
          )
          assert.equal(map.blockCount(piece), Math.ceil(dataSize / BLOCK_LENGTH))
          if (version !== 'v2') assert.equal(map.pieceSize(piece), Math.min(PIECE, end - piece * PIECE))
          if (version !== 'v1' && file !== undefined) {
            assert.equal(dataSize, Math.min(PIECE, file.offset + file.length - piece * PIECE))
          }
          let asked = 0
          for (let block = 0; block < map.blockCount(piece); block++) {
            const length = map.blockLength(piece, block)
            assert.ok(length > 0 && length <= BLOCK_LENGTH)
            asked += length
          }
          assert.ok(asked >= dataSize && asked <= map.pieceSize(piece))
          const found = plan.entries.find(
            entry => entry.type === 'file' && entry.offset + entry.length > piece * PIECE,
          )
          assert.equal(file, found)
        }
        assert.equal(
          data,
          sizes.reduce((sum, size) => sum + size, 0),
        )
        for (const entry of plan.entries) {
          if (entry.type !== 'file') continue
          const range = map.piecesOf(entry)
          assert.equal(range === undefined, entry.length === 0)
          if (range === undefined) continue
          const ends = [entry.offset, entry.offset + entry.length - 1].map(at => Math.floor(at / PIECE))
          assert.deepEqual([range.first, range.last], ends)
        }
      }),
    )
  })
})
