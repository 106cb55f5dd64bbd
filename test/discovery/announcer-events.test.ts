import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fails, gated, hangs, ScriptedTrackers, works } from './scripted-trackers.js'
import { settled } from './virtual-clock.js'

const MINUTE = 60_000
const PEER = { host: '192.0.2.1', port: 6881 }

describe('the events of a session', () => {
  it('are started, completed and stopped, each told once', async () => {
    const trackers = new ScriptedTrackers()
    const announcer = trackers.announcer([['a'], ['b']])
    announcer.start()
    announcer.start()
    await trackers.clock.advance(MINUTE)
    announcer.completed()
    announcer.completed()
    await trackers.clock.advance(MINUTE)
    await announcer.stop()
    const expected = ['a started', 'b started', 'a completed', 'b completed', 'a stopped', 'b stopped']
    assert.deepEqual(trackers.events, expected)
    assert.equal(trackers.clock.pending, 0)
  })

  it('do not include completed where everything was there at the start', async () => {
    const trackers = new ScriptedTrackers()
    trackers.stats = { uploaded: 0, downloaded: 0, left: 0, isPartialSeed: false }
    const announcer = trackers.announcer([['a']])
    announcer.start()
    await settled()
    announcer.completed()
    await trackers.clock.advance(MINUTE)
    await announcer.stop()
    assert.deepEqual(trackers.events, ['a started', 'a stopped'])
  })

  it('are paused where there is no other, as long as something is missing and nothing more is wanted (BEP 21)', async () => {
    const trackers = new ScriptedTrackers()
    const announcer = trackers.announcer([['a']])
    announcer.start()
    await settled()
    trackers.stats = { ...trackers.stats, isPartialSeed: true }
    await trackers.clock.advance(31 * MINUTE)
    trackers.stats = { ...trackers.stats, isPartialSeed: false }
    await trackers.clock.advance(31 * MINUTE)
    trackers.stats = { ...trackers.stats, isPartialSeed: true }
    await announcer.stop()
    assert.deepEqual(trackers.events, ['a started', 'a paused', 'a -', 'a stopped'])
    assert.ok(trackers.heard.every(({ request }) => !('isPartialSeed' in request)))
  })

  it('are told in order to a tracker that is slow to answer', async () => {
    const trackers = new ScriptedTrackers()
    const { behaviour, release } = gated(works())
    trackers.behaviours.set('a', behaviour)
    const announcer = trackers.announcer([['a']])
    announcer.start()
    announcer.completed()
    await settled()
    assert.deepEqual(trackers.events, ['a started'])
    release()
    await settled()
    assert.deepEqual(trackers.events, ['a started', 'a completed'])
  })

  it('are told again to a tracker that did not take them', async () => {
    const trackers = new ScriptedTrackers()
    const announcer = trackers.announcer([['a']])
    announcer.start()
    await settled()
    trackers.behaviours.set('a', fails())
    announcer.completed()
    await settled()
    trackers.behaviours.set('a', works())
    await trackers.clock.advance(5000)
    assert.deepEqual(trackers.events, ['a started', 'a completed', 'a completed'])
  })
})

describe('leaving', () => {
  it('says goodbye only to trackers that heard of us', async () => {
    const trackers = new ScriptedTrackers()
    trackers.behaviours.set('dead', fails())
    trackers.behaviours.set('slow', hangs())
    const announcer = trackers.announcer([['a'], ['dead'], ['slow']])
    announcer.start()
    await settled()
    await announcer.stop()
    assert.deepEqual(trackers.events.slice(3), ['a stopped'])
    assert.equal(trackers.heard.at(-1)?.request.numwant, 0)
  })

  it('tells completed first, even where that is under way', async () => {
    const trackers = new ScriptedTrackers()
    const announcer = trackers.announcer([['a']])
    announcer.start()
    await settled()
    const { behaviour, release } = gated(works())
    trackers.behaviours.set('a', behaviour)
    announcer.completed()
    const stopped = announcer.stop()
    await settled()
    release()
    await stopped
    assert.deepEqual(trackers.events, ['a started', 'a completed', 'a stopped'])
  })

  it('tells completed to a tracker that was busy until then', async () => {
    const trackers = new ScriptedTrackers()
    trackers.behaviours.set('a', works({ interval: 60 }))
    const announcer = trackers.announcer([['a']])
    announcer.start()
    await settled()
    trackers.behaviours.set('a', hangs())
    await trackers.clock.advance(MINUTE)
    trackers.behaviours.set('a', works())
    announcer.completed()
    await announcer.stop()
    assert.deepEqual(trackers.events, ['a started', 'a -', 'a completed', 'a stopped'])
  })

  it('takes 5 seconds at most', async () => {
    const trackers = new ScriptedTrackers()
    const announcer = trackers.announcer([['a']])
    announcer.start()
    await settled()
    trackers.behaviours.set('a', hangs())
    let isOver = false
    const stopped = announcer.stop().then(() => {
      isOver = true
    })
    await trackers.clock.advance(4999)
    assert.equal(isOver, false)
    await trackers.clock.advance(1)
    await stopped
    assert.equal(trackers.clock.pending, 0)
  })

  it('is immediate when it is asked for again', async () => {
    const trackers = new ScriptedTrackers()
    const announcer = trackers.announcer([['a']])
    announcer.start()
    await settled()
    trackers.behaviours.set('a', hangs())
    const stopped = announcer.stop()
    await settled()
    await announcer.stop()
    await stopped
    assert.equal(trackers.clock.pending, 0)
  })

  it('is nothing before the start, and there is no start after it', async () => {
    const trackers = new ScriptedTrackers()
    const announcer = trackers.announcer([['a']])
    await announcer.stop()
    announcer.start()
    announcer.addTracker('b')
    await trackers.clock.advance(MINUTE)
    assert.deepEqual(trackers.events, [])
  })

  it('passes on no more warnings and peers', async () => {
    const trackers = new ScriptedTrackers()
    const announcer = trackers.announcer([['a'], ['b']])
    announcer.start()
    await settled()
    trackers.behaviours.set('a', fails())
    trackers.behaviours.set('b', works({ peers: [PEER] }))
    await announcer.stop()
    assert.deepEqual([trackers.warnings, trackers.peers], [[], []])
  })
})
