import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bitfield } from '../../../src/base/bitfield.js'
import { DiskError } from '../../../src/client/disk/disk-error.js'
import { classifyExisting, refuseForeign } from '../../../src/client/disk/existing-content.js'
import type { FileStamp } from '../../../src/client/disk/layout.js'
import { makeSample } from './support.js'

// Pieces 0-2 are the first file's, 3-4 the second's.
const { layout } = makeSample({
  version: 'v2',
  pieceLength: 16_384,
  lengths: [40_000, 20_000, 0],
  hasPads: false,
  seed: 1,
})

function fileOf(size: number): FileStamp {
  return { type: 'file', size, mtimeMs: 1 }
}

function piecesOf(...pieces: number[]): Bitfield {
  const field = new Bitfield(layout.pieceCount)
  for (const piece of pieces) field.add(piece)
  return field
}

function classify(stamps: FileStamp[], verified: Bitfield, zeros: Bitfield, isResumed = false): string[] {
  return classifyExisting(layout, { stamps, verified, zeros, isResumed })
}

test('a file is ours with one right piece, with nothing in it, or with nothing but zeros', () => {
  const stamps = [fileOf(40_000), fileOf(20_000), { type: 'missing' } as const]
  assert.deepEqual(classify(stamps, piecesOf(2, 3), piecesOf()), ['ours', 'ours', 'absent'])
  assert.deepEqual(classify(stamps, piecesOf(1), piecesOf(3, 4)), ['ours', 'ours', 'absent'])
  assert.deepEqual(classify([fileOf(0), fileOf(0), fileOf(0)], piecesOf(), piecesOf()), [
    'ours',
    'ours',
    'ours',
  ])
})

test('a file of other content is foreign, unless a resume state claims it', () => {
  const stamps = [fileOf(40_000), fileOf(7), fileOf(0)]
  assert.deepEqual(classify(stamps, piecesOf(0), piecesOf(3)), ['ours', 'foreign', 'ours'])
  assert.deepEqual(classify(stamps, piecesOf(), piecesOf(), true), ['ours', 'ours', 'ours'])
})

test('a file that is longer than the torrent says is foreign whatever is in it', () => {
  const stamps = [fileOf(40_001), fileOf(20_000), fileOf(1)]
  assert.deepEqual(classify(stamps, Bitfield.full(5), piecesOf(), true), ['foreign', 'ours', 'foreign'])
})

test('a foreign file is an error that names it', () => {
  const options = { dir: '/downloads', mode: 'write' } as const
  refuseForeign(layout, options, ['ours', 'absent', 'ours'])
  assert.throws(
    () => refuseForeign(layout, options, ['ours', 'foreign', 'foreign']),
    error => error instanceof DiskError && error.code === 'exists' && /file 1/.test(error.facts.path),
  )
})
