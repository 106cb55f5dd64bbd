import assert from 'node:assert/strict'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { Bitfield } from '../../../src/base/bitfield.js'
import { Gate } from '../../../src/base/gate.js'
import { PartExtents } from '../../../src/client/disk/part-extents.js'
import { ContentSync, type SyncedFiles } from '../../../src/client/resume/content-sync.js'
import { PieceMap } from '../../../src/protocol/metainfo/piece-map.js'
import { makeSample, testFolder } from '../disk/support.js'

const NEVER = new AbortController().signal

// Pieces 0-1 are the first file's, 1-2 the second's.
const { layout } = makeSample({
  version: 'v1',
  pieceLength: 20_000,
  lengths: [30_000, 20_000],
  hasPads: false,
  seed: 1,
})

function contentIn(context: TestContext, mode: 'read' | 'write' = 'write'): SyncedFiles {
  const dir = testFolder(context)
  const pathOf = (index: number) => join(dir, 'content', ...(layout.entries.at(index)?.path ?? []))
  for (const index of [0, 1]) {
    mkdirSync(dirname(pathOf(index)), { recursive: true })
    writeFileSync(pathOf(index), 'x')
  }
  return { map: new PieceMap(layout), mode, dir, parts: { extents: PartExtents.NONE }, pathOf }
}

function setOf(...pieces: readonly number[]): Bitfield {
  const set = new Bitfield(3)
  for (const piece of pieces) set.add(piece)
  return set
}

test('a piece is synced once all of its files are', async context => {
  const content = contentIn(context)
  const sync = new ContentSync(content, layout.entries, new Bitfield(3), new Gate(1))
  await sync.catchUp(setOf(0, 1), NEVER)
  assert.deepEqual([...sync.synced], [0, 1])
  assert.equal(sync.isBehind(setOf(0, 1)), false)
  assert.equal(sync.isBehind(setOf(0, 1, 2)), true)
})

test('nothing is promised of the pieces of a file that has gone', async context => {
  const content = contentIn(context)
  const sync = new ContentSync(content, layout.entries, new Bitfield(3), new Gate(1))
  rmSync(content.pathOf(1))
  await sync.catchUp(setOf(0, 1, 2), NEVER)
  assert.deepEqual([...sync.synced], [0])
  assert.equal(sync.isBehind(setOf(0, 1, 2)), false, 'the same round again would find the same')
  assert.equal(sync.hasFailed, false)
})

test('a piece that is written anew while a round is under way is not promised', async context => {
  const sync = new ContentSync(contentIn(context), layout.entries, setOf(2), new Gate(1))
  const round = sync.catchUp(setOf(0, 1, 2), NEVER)
  await new Promise(resolve => setImmediate(resolve))
  sync.forget(1)
  sync.forget(2)
  await round
  assert.deepEqual([...sync.synced], [0])
  assert.equal(sync.isBehind(setOf(0, 1, 2)), true)
})

test('pieces that an earlier session synced need no second time', async context => {
  const content = contentIn(context)
  const sync = new ContentSync(content, layout.entries, setOf(0, 1, 2), new Gate(1))
  rmSync(content.pathOf(0))
  await sync.catchUp(setOf(0, 1, 2), NEVER)
  assert.deepEqual([...sync.synced], [0, 1, 2])
})

test('a round that is given up promises nothing', async context => {
  const stop = new AbortController()
  const sync = new ContentSync(contentIn(context), layout.entries, new Bitfield(3), new Gate(1))
  const round = sync.catchUp(setOf(0, 1, 2), stop.signal)
  stop.abort()
  await round
  assert.deepEqual([...sync.synced], [])
})

test('what was told of synced pieces stays as it was, since it may have been saved', async context => {
  const before = setOf(0)
  const sync = new ContentSync(contentIn(context), layout.entries, before, new Gate(1))
  await sync.catchUp(setOf(0, 1), NEVER)
  const told = sync.synced
  sync.forget(0)
  await sync.catchUp(setOf(0, 1, 2), NEVER)
  assert.deepEqual([[...before], [...told], [...sync.synced]], [[0], [0, 1], [0, 1, 2]])
})
