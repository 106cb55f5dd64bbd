import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { SeededRandom } from '../../src/base/random.js'
import { AnnounceSchedule } from '../../src/discovery/announce-schedule.js'

const MINUTE = 60_000
const NOTHING = { peers: false, event: false }
const PEERS = { peers: true, event: false }
const EVENT = { peers: false, event: true }

function schedule(): AnnounceSchedule {
  return new AnnounceSchedule(new SeededRandom(1))
}

describe('when to announce', () => {
  it('is at once for a tracker that was never asked', () => {
    assert.equal(schedule().dueAt(NOTHING), 0)
    assert.equal(schedule().isBlocked(0), false)
  })

  it('is after the interval', () => {
    const one = schedule()
    one.succeeded(1000, { interval: 900, minInterval: undefined }, false)
    assert.equal(one.dueAt(NOTHING), 1000 + 15 * MINUTE)
  })

  it('is after half an hour where the tracker names no interval', () => {
    const one = schedule()
    one.succeeded(0, { interval: undefined, minInterval: undefined }, false)
    assert.equal(one.dueAt(NOTHING), 30 * MINUTE)
  })

  it('is at once for an event', () => {
    const one = schedule()
    one.succeeded(5, { interval: 900, minInterval: 900 }, false)
    assert.equal(one.dueAt(EVENT), 5)
  })

  it('is after the minimum, then ever later, as long as peers are wanting', () => {
    const one = schedule()
    const waits: number[] = []
    let now = 0
    for (let i = 0; i < 6; i++) {
      one.succeeded(now, { interval: 900, minInterval: 120 }, true)
      waits.push((one.dueAt(PEERS) - now) / 1000)
      now = one.dueAt(PEERS)
    }
    assert.deepEqual(waits, [120, 240, 480, 900, 900, 900])
    one.succeeded(now, { interval: 900, minInterval: 120 }, false)
    one.succeeded(now, { interval: 900, minInterval: 120 }, true)
    assert.equal(one.dueAt(PEERS), now + 2 * MINUTE)
  })

  it('is never before the minimum, nor without a pause, nor later than a day', () => {
    const seconds = fc.option(fc.integer({ min: 1, max: 1e12 }), { nil: undefined })
    fc.assert(
      fc.property(seconds, seconds, fc.boolean(), (interval, minInterval, wants) => {
        const one = schedule()
        one.succeeded(0, { interval, minInterval }, wants)
        for (const due of [one.dueAt(PEERS), one.dueAt(NOTHING)]) {
          assert.ok(due >= Math.min((minInterval ?? 0) * 1000, 24 * 60 * MINUTE))
          assert.ok(due >= 5000 && due <= 24 * 60 * MINUTE)
        }
        assert.ok(one.dueAt(PEERS) <= one.dueAt(NOTHING))
      }),
    )
  })
})

describe('when to try again', () => {
  it('doubles from 5 s to an hour, half of it by chance', () => {
    fc.assert(
      fc.property(fc.nat(), seed => {
        const one = new AnnounceSchedule(new SeededRandom(seed))
        let now = 0
        let longest = 5000
        for (let failures = 1; failures < 20; failures++) {
          one.failed(now, undefined)
          const wait = one.dueAt(EVENT) - now
          assert.ok(wait >= longest / 2 && wait <= longest, `${wait} ms after ${failures} failures`)
          assert.ok(one.isBlocked(now) && !one.isBlocked(now + wait))
          now += wait
          longest = Math.min(longest * 2, 60 * MINUTE)
        }
      }),
    )
  })

  it('starts anew after a success', () => {
    const one = schedule()
    for (let i = 0; i < 10; i++) one.failed(0, undefined)
    one.succeeded(0, { interval: 60, minInterval: undefined }, false)
    one.failed(0, undefined)
    assert.ok(one.dueAt(NOTHING) <= 5000)
  })

  it('is what the tracker says, in minutes (BEP 31)', () => {
    const one = schedule()
    one.failed(0, 7)
    assert.equal(one.dueAt(PEERS), 7 * MINUTE)
  })

  it('is never where the tracker says so, or cannot be asked', () => {
    const one = schedule()
    one.failed(0, 'never')
    assert.equal(one.dueAt(EVENT), Number.POSITIVE_INFINITY)
    const other = schedule()
    other.gaveUp()
    assert.ok(other.isBlocked(1e15))
  })
})
