import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Priority } from '../../../src/engine/pick/priorities.js'
import { Selection } from '../../../src/engine/pick/selection.js'
import type { ContentEntry } from '../../../src/protocol/metainfo/metainfo.js'
import { PieceMap } from '../../../src/protocol/metainfo/piece-map.js'
import { plainInfo } from '../support/joined-engines.js'

const PIECE = 65_536

function file(offset: number, length: number): ContentEntry {
  const hashes = { sha256: undefined, piecesRoot: undefined }
  return { type: 'file', path: [`${offset}`], length, offset, isExecutable: false, ...hashes }
}

/** Four pieces: the first file ends in the second piece, the third begins there; between them an empty one. */
const FIRST = 100_000
const entries: ContentEntry[] = [
  file(0, FIRST),
  file(FIRST, 0),
  file(FIRST, 3 * PIECE - FIRST),
  { type: 'pad', path: ['.pad', '10'], length: 10, offset: 3 * PIECE },
  file(3 * PIECE + 10, PIECE - 10),
  { type: 'symlink', path: ['link'], length: 0, offset: 4 * PIECE, target: ['0'] },
]
const info = { ...plainInfo(4, PIECE), entries, size: 4 * PIECE - 10 }
const map = new PieceMap(info)

function selectionOf(priorities: Readonly<Record<number, Priority>>): Selection {
  return Selection.of(info, index => priorities[index] ?? 0)
}

test('a piece has the priority of the most wanted file in it', () => {
  assert.deepEqual([...(selectionOf({ 1: 7, 2: 5 }).piecePriorities(map) ?? [])], [0, 5, 5, 0])
  assert.deepEqual([...(selectionOf({ 0: 6, 2: 5 }).piecePriorities(map) ?? [])], [6, 6, 5, 0])
  assert.deepEqual([...(selectionOf({ 4: 1 }).piecePriorities(map) ?? [])], [0, 0, 0, 1])
})

test('the size of a selection is that of its files, and so are the bytes in a piece', () => {
  const selection = selectionOf({ 0: 4, 4: 4, 5: 4 })
  assert.equal(selection.size, FIRST + PIECE - 10)
  const bytes = [0, 1, 2, 3].map(piece => selection.bytesIn(map, piece))
  assert.deepEqual(bytes, [PIECE, FIRST - PIECE, 0, PIECE - 10])
})

test('a selection says which entries it has; pads are in none and left out of none', () => {
  const selection = selectionOf({ 2: 4, 5: 1 })
  assert.deepEqual(
    [0, 1, 2, 4, 5].map(index => selection.has(index)),
    [false, false, true, false, true],
  )
  assert.deepEqual([...(selection.selected ?? [])], [2, 3, 5])
  const all = Selection.of(info, index => (index === 2 ? 7 : 4))
  assert.equal(all.selected, undefined)
  assert.equal(all.size, info.size)
  assert.deepEqual([...(all.piecePriorities(map) ?? [])], [4, 7, 7, 4])
})

test('everything, in no order, is the selection that costs nothing', () => {
  const all = Selection.all(info)
  assert.equal(all.selected, undefined)
  assert.equal(all.piecePriorities(map), undefined)
  assert.equal(all.size, info.size)
  assert.ok(all.has(2))
  assert.equal(all.bytesIn(map, 0), PIECE)
})

test('nothing at all is a selection, too', () => {
  const nothing = selectionOf({})
  assert.equal(nothing.size, 0)
  assert.deepEqual([...(nothing.piecePriorities(map) ?? [])], [0, 0, 0, 0])
})
