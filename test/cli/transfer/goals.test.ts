import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Goals, goalReached, ratioOf, Stillness } from '../../../src/cli/transfer/goals.js'
import { NO_HISTORY } from '../../../src/client/resume/history.js'
import { someTorrent } from '../some-torrent.js'
import { FakeHandle } from './fake-session.js'

const NONE: Goals = { exitWhenComplete: false }

describe('a complete torrent', () => {
  const CASES: readonly [
    what: string,
    goals: Goals,
    uploaded: number,
    seconds: number,
    reached: string | undefined,
  ][] = [
    ['is seeded on for ever', NONE, 10 ** 9, 10 ** 9, undefined],
    ['is left with --exit', { exitWhenComplete: true }, 0, 0, 'complete'],
    ['is kept below its ratio', { ...NONE, ratio: 1.5 }, 149, 0, undefined],
    ['is left at its ratio', { ...NONE, ratio: 1.5 }, 150, 0, 'ratio'],
    [
      'is seeded on with limits that are none',
      { ...NONE, ratio: Infinity, seedTimeSeconds: Infinity },
      10 ** 9,
      10 ** 9,
      undefined,
    ],
    ['is kept before its time', { ...NONE, seedTimeSeconds: 60 }, 0, 59.9, undefined],
    ['is left after its time', { ...NONE, seedTimeSeconds: 60 }, 0, 60, 'seed-time'],
    ['is left at the first goal of several', { ...NONE, ratio: 9, seedTimeSeconds: 60 }, 0, 60, 'seed-time'],
  ]
  for (const [what, goals, uploaded, seconds, reached] of CASES) {
    it(what, () => {
      const history = { ...NO_HISTORY, uploaded, seedingSeconds: seconds }
      assert.equal(goalReached(goals, { history, total: 100 }), reached)
    })
  }
})

describe('the ratio', () => {
  it('is of the size, over all sessions, and none where there is no content', () => {
    const history = { ...NO_HISTORY, uploaded: 150 }
    assert.equal(ratioOf({ history, total: 100 }), 1.5)
    assert.equal(ratioOf({ history, total: 0 }), undefined)
  })
})

describe('a download stands still', () => {
  const { status } = new FakeHandle(someTorrent(), { dir: '/', mode: 'get' })

  it('from when it began, or from when something moved last', () => {
    const stillness = new Stillness(1000)
    stillness.secondsAt(1000, status)
    assert.equal(stillness.secondsAt(5000, status), 4)
    assert.equal(stillness.secondsAt(6000, { ...status, downloaded: 1 }), 0)
    assert.equal(stillness.secondsAt(9000, { ...status, downloaded: 1 }), 3)
    assert.equal(stillness.secondsAt(9500, { ...status, downloaded: 1, uploaded: 1 }), 0)
  })

  it('but not while what is there is checked', () => {
    const stillness = new Stillness(0)
    assert.equal(stillness.secondsAt(60_000, { ...status, state: 'checking' }), 0)
    assert.equal(stillness.secondsAt(61_000, status), 1)
  })
})
