// A torrent that is to be left at a ratio or after a time: the task knows its history, and says when it has got there.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { countsSeedingTime, type Goals, reachedGoal } from '../../../src/client/task/goals.js'
import { within } from '../../support/deadline.js'
import { SampleTorrent } from '../support/sample-torrent.js'
import { openSession } from '../support/sessions.js'
import { turns, Watch } from '../support/watch.js'

const WITHIN_MS = 20_000

describe('a goal', () => {
  const CASES: readonly [
    what: string,
    goals: Goals,
    uploaded: number,
    seconds: number,
    reached: string | undefined,
  ][] = [
    ['is not reached where there is none', {}, 10 ** 9, 10 ** 9, undefined],
    ['is not reached below its ratio', { ratio: 1.5 }, 149, 0, undefined],
    ['is reached at its ratio', { ratio: 1.5 }, 150, 0, 'ratio'],
    [
      'is not reached where it is infinite',
      { ratio: Infinity, seedTimeSeconds: Infinity },
      10 ** 9,
      10 ** 9,
      undefined,
    ],
    ['is not reached before its time', { seedTimeSeconds: 60 }, 0, 59.9, undefined],
    ['is reached after its time', { seedTimeSeconds: 60 }, 0, 60, 'seed-time'],
    ['is the first of several', { ratio: 9, seedTimeSeconds: 60 }, 0, 60, 'seed-time'],
  ]
  for (const [what, goals, uploaded, seedingSeconds, reached] of CASES) {
    it(what, () => assert.equal(reachedGoal(goals, { uploaded, seedingSeconds }, 100), reached))
  }

  it('needs the seeding time to be remembered only where it is one', () => {
    assert.equal(countsSeedingTime({ ratio: 1 }), false)
    assert.equal(countsSeedingTime({ seedTimeSeconds: Infinity }), false)
    assert.equal(countsSeedingTime({ seedTimeSeconds: 60 }), true)
  })
})

describe('a torrent that is seeded', () => {
  it('reaches its ratio over two sessions, and is told so before `seeding` in a third', async () => {
    await using sample = await SampleTorrent.make()
    const goals = { ratio: 2 }
    for (const round of [1, 2]) {
      await using seeder = await openSession()
      const task = seeder.add(sample.metainfo, { dir: sample.dataDir, mode: 'seed', goals })
      const watch = new Watch(task)
      await within(WITHIN_MS, 'the seeder', watch.until('seeding'))
      assert.deepEqual(watch.types, ['checking', 'seeding'])
      await using leecher = await openSession()
      const peers = [{ host: '127.0.0.1', port: seeder.port }]
      const getting = leecher.add(sample.metainfo, { dir: sample.dir(`got ${round}`), mode: 'get', peers })
      await within(WITHIN_MS, 'the download', new Watch(getting).until('complete'))
      if (round === 2) {
        const { goal } = await within(WITHIN_MS, 'the goal', watch.until('goal-reached'))
        assert.equal(goal, 'ratio')
        // It goes on: what comes of it is for the program to say.
        assert.equal(task.status.state, 'seeding')
        for (let second = 1; second < 4; second++) task.onSecond(seeder.now() + second * 1_000)
      }
      await seeder.stop()
      assert.equal(watch.types.filter(type => type === 'goal-reached').length, round - 1)
    }
    await using again = await openSession()
    const watch = new Watch(again.add(sample.metainfo, { dir: sample.dataDir, mode: 'seed', goals }))
    await within(WITHIN_MS, 'the seeder', watch.until('seeding'))
    assert.deepEqual(watch.types, ['checking', 'goal-reached', 'seeding'])
  })

  it('has a goal of no time reached as soon as its download is complete', async () => {
    await using sample = await SampleTorrent.make()
    await using seeder = await openSession()
    const seeding = seeder.add(sample.metainfo, { dir: sample.dataDir, mode: 'seed' })
    await within(WITHIN_MS, 'the seeder', new Watch(seeding).until('seeding'))
    await using session = await openSession()
    const task = session.add(sample.metainfo, {
      dir: sample.dir('got'),
      mode: 'get',
      goals: { seedTimeSeconds: 0 },
      peers: [{ host: '127.0.0.1', port: seeder.port }],
    })
    const watch = new Watch(task)
    await within(WITHIN_MS, 'seeding', watch.until('seeding'))
    await turns(5)
    assert.deepEqual(watch.types, ['checking', 'downloading', 'complete', 'goal-reached', 'seeding'])
  })
})
