import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Gate } from '../../src/base/gate.js'

test('no more than the limit are at work at a time, and all have their turn, in order', async () => {
  const gate = new Gate(3)
  const begun: number[] = []
  let atWork = 0
  let most = 0
  const work = (index: number) =>
    gate.run(async () => {
      begun.push(index)
      most = Math.max(most, ++atWork)
      await Promise.resolve()
      atWork--
      return index
    })
  const indices = Array.from({ length: 20 }, (_, index) => index)
  assert.deepEqual(await Promise.all(indices.map(work)), indices)
  assert.deepEqual(begun, indices)
  assert.equal(most, 3)
})

test('work that fails makes room as well', async () => {
  const gate = new Gate(1)
  await assert.rejects(
    gate.run(() => Promise.reject(new Error('no'))),
    /no/,
  )
  assert.equal(await gate.run(() => Promise.resolve('next')), 'next')
})
