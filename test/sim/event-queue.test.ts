import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SeededRandom } from '../../src/base/random.js'
import { EventQueue } from '../../src/sim/time/event-queue.js'

test('events run in the order of their times and, at the same time, of their planning', () => {
  const seed = 7
  const random = new SeededRandom(seed)
  const queue = new EventQueue()
  const happened: { time: number; turn: number }[] = []
  for (let turn = 0; turn < 5_000; turn++) {
    const time = random.below(300)
    queue.plan(time, {
      run: () => {
        assert.equal(queue.now, time)
        happened.push({ time, turn })
      },
    })
  }
  while (queue.runNext());
  assert.equal(happened.length, 5_000)
  const sorted = [...happened].sort((a, b) => a.time - b.time || a.turn - b.turn)
  assert.deepEqual(happened, sorted, `seed ${seed}`)
})

test('an event that is planned for now runs after those planned for now before', () => {
  const queue = new EventQueue()
  const order: string[] = []
  queue.plan(5, {
    run: () => {
      order.push('first')
      queue.plan(5, { run: () => order.push('third') })
    },
  })
  queue.plan(5, { run: () => order.push('second') })
  while (queue.runNext());
  assert.deepEqual(order, ['first', 'second', 'third'])
  assert.equal(queue.now, 5)
})

test('no event can be planned for the past, or for NaN', () => {
  const queue = new EventQueue()
  queue.plan(10, { run: () => {} })
  queue.runNext()
  assert.throws(() => queue.plan(9, { run: () => {} }), RangeError)
  assert.throws(() => queue.plan(Number.NaN, { run: () => {} }), RangeError)
  assert.equal(queue.runNext(), false)
})
