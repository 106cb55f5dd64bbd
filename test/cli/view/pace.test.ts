import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isForegroundStat } from '../../../src/cli/view/foreground.js'
import { MeasuredRow } from '../../../src/cli/view/measured-row.js'
import { Pace } from '../../../src/cli/view/pace.js'

test('the rate of work is that of the last five seconds', () => {
  const pace = new Pace()
  assert.equal(pace.rate(0, 0), undefined)
  pace.note(0, 0)
  assert.equal(pace.rate(400, 100), undefined, 'too early to say')
  for (let second = 1; second <= 10; second++) pace.note(second * 1_000, second * 100)
  assert.equal(pace.rate(10_000, 1_000), 100)
  for (let second = 11; second <= 20; second++) pace.note(second * 1_000, 1_000 + (second - 10) * 500)
  assert.equal(pace.rate(20_000, 6_000), 500)
})

test('another part of the work begins with a rate of its own', () => {
  const pace = new Pace()
  pace.note(0, 0)
  pace.note(1_000, 5_000)
  pace.note(2_000, 0)
  assert.equal(pace.rate(2_100, 10), undefined)
  assert.equal(pace.rate(3_000, 700), 700)
})

test('work on this machine has a rate and a time that is left', () => {
  let done = 0
  const row = new MeasuredRow({
    name: 'a',
    snapshot: () => ({ type: 'work', activity: 'hashing', done, total: 1_000 }),
  })
  row.snapshot(0)
  done = 400
  assert.deepEqual(row.snapshot(2_000), {
    type: 'work',
    activity: 'hashing',
    done,
    total: 1_000,
    rate: 200,
    eta: 3,
  })
})

test('a process is in the foreground where its group is the one of the terminal', () => {
  assert.equal(isForegroundStat('12 (node) R 1 12 10 34816 12 4194304'), true)
  assert.equal(isForegroundStat('12 (a) R 1 12) R 1 12 10 34816 10 4194304'), false)
  assert.equal(isForegroundStat(''), false)
})
