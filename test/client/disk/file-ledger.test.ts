import assert from 'node:assert/strict'
import { once } from 'node:events'
import { describe, test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { FileLedger } from '../../../src/client/disk/file-ledger.js'
import { type FileStamp, MISSING } from '../../../src/client/disk/file-stamp.js'

const STAMP: FileStamp = { type: 'file', size: 5, mtimeNs: 6n, ctimeNs: 7n, inode: 2n ** 64n - 1n }

describe('a ledger', () => {
  test('knows nothing at first, and then what it was told, in every thread', () => {
    const ledger = FileLedger.create(3)
    const other = new FileLedger(ledger.memory)
    assert.equal(ledger.fileCount, 3)
    assert.deepEqual(
      [0, 1, 2].map(entry => ledger.known(entry)),
      [undefined, undefined, undefined],
    )
    ledger.know(1, STAMP)
    ledger.know(2, MISSING)
    assert.deepEqual(
      [0, 1, 2].map(entry => other.known(entry)),
      [undefined, STAMP, MISSING],
    )
    other.forget(1)
    assert.equal(ledger.known(1), undefined)
  })

  test('agrees with what looks as it is known to, and with anything where nothing is known', () => {
    const ledger = FileLedger.create(2)
    assert.equal(ledger.agrees(0, STAMP), true)
    ledger.know(0, STAMP)
    assert.equal(ledger.agrees(0, { ...STAMP }), true)
    assert.equal(ledger.agrees(0, { ...STAMP, ctimeNs: 8n }), false)
    assert.equal(ledger.agrees(0, MISSING), false)
    ledger.know(0, MISSING)
    assert.equal(ledger.agrees(0, MISSING), true)
  })

  test('a change stays noted until it is dealt with', () => {
    const ledger = FileLedger.create(2)
    ledger.noteChange(0)
    assert.deepEqual([ledger.isChanged(0), ledger.isChanged(1), ledger.changesOf(0)], [true, false, 1])
    ledger.settle(0)
    assert.equal(ledger.isChanged(0), false)
    ledger.noteChange(0)
    assert.deepEqual([ledger.isChanged(0), ledger.changesOf(0)], [true, 2])
  })
})

const TURNS = 20_000

/** Adds to a number of 64 bits without an atomic operation, while it holds the row. */
const ADDING = `
const { workerData } = require('node:worker_threads')
import(workerData.module).then(({ FileLedger }) => {
  const ledger = new FileLedger(workerData.memory)
  const count = new Float64Array(workerData.count)
  for (let turn = 0; turn < ${TURNS}; turn++) {
    ledger.lock(0)
    count[0] = count[0] + 1
    ledger.unlock(0)
  }
})`

test('threads hold a row in turns', async () => {
  const ledger = FileLedger.create(1)
  const count = new SharedArrayBuffer(8)
  const module = new URL('../../../src/client/disk/file-ledger.js', import.meta.url).href
  const workers = [1, 2, 3].map(
    () => new Worker(ADDING, { eval: true, workerData: { memory: ledger.memory, count, module } }),
  )
  await Promise.all(workers.map(worker => once(worker, 'exit')))
  assert.equal(new Float64Array(count)[0], 3 * TURNS)
  assert.equal(ledger.isHeld(0), false)
})
