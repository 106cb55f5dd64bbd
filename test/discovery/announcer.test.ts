import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TrackerError } from '../../src/discovery/tracker-error.js'
import type { TrackerStatus } from '../../src/discovery/tracker-record.js'
import { defined } from '../defined.js'
import { fails, gated, hangs, ScriptedTrackers, works } from './scripted-trackers.js'
import { settled } from './virtual-clock.js'

const MINUTE = 60_000
const PEER = { host: '192.0.2.1', port: 6881 }

describe('an announcer', () => {
  it('tells every tier at once, and one tracker of each', async () => {
    const trackers = new ScriptedTrackers()
    trackers.announcer([['a1', 'a2'], ['b'], ['c1', 'c2', 'c3']]).start()
    await settled()
    const tiers = trackers.heard.map(({ url }) => url[0])
    assert.deepEqual(tiers, ['a', 'b', 'c'])
  })

  it('goes on to the next of a tier at once where one fails, and stays with the one that answers', async () => {
    const trackers = new ScriptedTrackers()
    const announcer = trackers.announcer([['a', 'b', 'c']])
    const [first, second, third] = announcer.status.map(({ url }) => url)
    trackers.behaviours.set(defined(first), fails())
    trackers.behaviours.set(defined(second), fails())
    announcer.start()
    await trackers.clock.advance(31 * MINUTE)
    assert.deepEqual(trackers.events, [
      `${first} started`,
      `${second} started`,
      `${third} started`,
      `${third} -`,
    ])
    assert.equal(announcer.status[0]?.url, third)
  })

  it('goes on with the others of a tier when the one that worked fails, and comes back to it', async () => {
    const trackers = new ScriptedTrackers()
    const announcer = trackers.announcer([['a', 'b']])
    const [first = '', second = ''] = announcer.status.map(({ url }) => url)
    announcer.start()
    await settled()
    trackers.behaviours.set(first, fails())
    trackers.behaviours.set(second, fails())
    await trackers.clock.advance(31 * MINUTE)
    assert.deepEqual(trackers.events.slice(0, 4), [
      `${first} started`,
      `${first} -`,
      `${second} started`,
      `${first} -`,
    ])
  })

  it('tries for ever, ever less often', async () => {
    const trackers = new ScriptedTrackers()
    trackers.behaviours.set('a', fails())
    trackers.announcer([['a']]).start()
    await trackers.clock.advance(100 * 60 * MINUTE)
    const seconds = trackers.secondsOf('a')
    const waits = seconds.slice(1).map((at, i) => at - defined(seconds[i]))
    assert.ok(defined(waits[0]) <= 5)
    assert.ok(waits.slice(-50).every(wait => wait >= 1800 && wait <= 3600))
  })

  it('keeps to the interval, and to the shorter minimum only while peers are wanting', async () => {
    const trackers = new ScriptedTrackers()
    trackers.behaviours.set('a', works({ interval: 1000, minInterval: 100 }))
    trackers.announcer([['a']]).start()
    await trackers.clock.advance(2500_000)
    assert.deepEqual(trackers.secondsOf('a'), [0, 1000, 2000])
    trackers.wantsPeers = true
    await trackers.clock.advance(30_000)
    const early = defined(trackers.secondsOf('a')[3])
    await trackers.clock.advance(1700_000)
    assert.deepEqual(trackers.secondsOf('a').slice(3), [
      early,
      early + 100,
      early + 300,
      early + 700,
      early + 1500,
    ])
  })

  it('asks for peers only when they are wanting', async () => {
    const trackers = new ScriptedTrackers()
    trackers.behaviours.set('a', works({ interval: 60 }))
    trackers.announcer([['a']]).start()
    await settled()
    trackers.wantsPeers = true
    await trackers.clock.advance(MINUTE)
    assert.deepEqual(
      trackers.heard.map(({ request }) => request.numwant),
      [0, 100],
    )
  })

  it('hands on the peers, with the tracker they came from', async () => {
    const trackers = new ScriptedTrackers()
    trackers.behaviours.set('a', works({ peers: [PEER] }))
    trackers.announcer([['a'], ['b']]).start()
    await settled()
    assert.deepEqual(trackers.peers, [{ peers: [PEER], url: 'a' }])
  })

  it('gives a tracker back the id that it gave, until it gives another', async () => {
    const trackers = new ScriptedTrackers()
    const id = Uint8Array.of(1, 2)
    trackers.behaviours.set('a', works({ trackerId: id, interval: 60 }))
    trackers.announcer([['a'], ['b']]).start()
    await settled()
    trackers.behaviours.set('a', works({ interval: 60 }))
    await trackers.clock.advance(2.5 * MINUTE)
    const ids = trackers.heard.filter(({ url }) => url === 'a').map(({ request }) => request.trackerId)
    assert.deepEqual(ids, [undefined, id, id])
  })

  it('says who we are and how far, as it is at that moment', async () => {
    const trackers = new ScriptedTrackers()
    trackers.behaviours.set('a', works({ interval: 60 }))
    trackers.announcer([['a']]).start()
    await settled()
    trackers.stats = { uploaded: 1, downloaded: 2, left: 3 }
    await trackers.clock.advance(MINUTE)
    const { request } = defined(trackers.heard[1])
    const { uploaded, downloaded, left, key, port } = request
    assert.deepEqual(
      { uploaded, downloaded, left, key, port },
      { uploaded: 1, downloaded: 2, left: 3, key: 7, port: 6881 },
    )
  })

  it('takes another tracker while it runs', async () => {
    const trackers = new ScriptedTrackers()
    const announcer = trackers.announcer([])
    announcer.start()
    announcer.addTracker('late')
    announcer.addTracker('late')
    await settled()
    assert.deepEqual(trackers.events, ['late started'])
  })

  it('asks many trackers in turn, not all at once', async () => {
    const trackers = new ScriptedTrackers()
    const tiers = Array.from({ length: 500 }, (_, i) => [`t${i}`])
    trackers.announcer(tiers).start()
    await trackers.clock.advance(0)
    await settled()
    assert.equal(new Set(trackers.heard.map(({ url }) => url)).size, 200)
    assert.equal(trackers.mostInFlight, 16)
  })
})

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
    trackers.stats = { uploaded: 0, downloaded: 0, left: 0 }
    const announcer = trackers.announcer([['a']])
    announcer.start()
    await settled()
    announcer.completed()
    await trackers.clock.advance(MINUTE)
    await announcer.stop()
    assert.deepEqual(trackers.events, ['a started', 'a stopped'])
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

  it('bothers nobody with warnings and peers', async () => {
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

describe('warnings', () => {
  it('tell of the first failure and of another reason, not of the same again', async () => {
    const trackers = new ScriptedTrackers()
    trackers.behaviours.set('a', fails('connection refused'))
    trackers.announcer([['a']]).start()
    await trackers.clock.advance(10 * MINUTE)
    trackers.behaviours.set('a', fails('answered 500'))
    await trackers.clock.advance(60 * MINUTE)
    assert.deepEqual(trackers.warnings, [
      { url: 'a', code: 'unreachable', message: 'a: connection refused' },
      { url: 'a', code: 'unreachable', message: 'a: answered 500' },
    ])
  })

  it('tell once what a tracker that works has to say', async () => {
    const trackers = new ScriptedTrackers()
    trackers.behaviours.set('a', works({ warning: 'we move', interval: 60 }))
    trackers.announcer([['a']]).start()
    await trackers.clock.advance(10 * MINUTE)
    assert.deepEqual(trackers.warnings, [{ url: 'a', code: 'warning', message: 'a: it says: we move' }])
  })

  it('tell once of a tracker that cannot be asked at all, which is then left alone', async () => {
    const trackers = new ScriptedTrackers()
    trackers.behaviours.set('udp', async ({ url }) => {
      throw new TrackerError('unsupported-scheme', { url, reason: 'UDP' })
    })
    trackers.announcer([['udp']]).start()
    await trackers.clock.advance(24 * 60 * MINUTE)
    assert.deepEqual([trackers.heard.length, trackers.warnings.length], [1, 1])
    assert.equal(trackers.clock.pending, 0)
  })

  it('are followed by silence where the tracker never wants to hear of us again (BEP 31)', async () => {
    const trackers = new ScriptedTrackers()
    trackers.behaviours.set('a', fails('not a tracker', { retryIn: 'never' }))
    trackers.announcer([['a']]).start()
    await trackers.clock.advance(24 * 60 * MINUTE)
    assert.equal(trackers.heard.length, 1)
  })

  it('are followed by a pause of as many minutes as the tracker asks for (BEP 31)', async () => {
    const trackers = new ScriptedTrackers()
    trackers.behaviours.set('a', fails('busy', { retryIn: 20 }))
    trackers.announcer([['a']]).start()
    await trackers.clock.advance(21 * MINUTE)
    assert.deepEqual(trackers.secondsOf('a'), [0, 1200])
  })
})

describe('the status of a tracker', () => {
  it('may be answered with another call', async () => {
    const trackers = new ScriptedTrackers()
    const announcer = trackers.announcer([['a'], ['b']], {
      onStatus: ({ url, state }) => {
        if (url === 'a' && state.type === 'announcing') announcer.addTracker('c')
        if (url === 'c' && state.type === 'working') stopped = announcer.stop()
      },
    })
    let stopped: Promise<void> | undefined
    announcer.start()
    await settled()
    await stopped
    assert.deepEqual(trackers.events.slice(0, 3).sort(), ['a started', 'b started', 'c started'])
    assert.equal(trackers.clock.pending, 0)
  })

  it('says what is going on, and what the last answer had', async () => {
    const trackers = new ScriptedTrackers()
    const seen: TrackerStatus['state']['type'][] = []
    trackers.behaviours.set('a', works({ peers: [PEER], externalHost: '198.51.100.1' }))
    const announcer = trackers.announcer([['a']], { onStatus: ({ state }) => seen.push(state.type) })
    assert.equal(announcer.status[0]?.state.type, 'waiting')
    announcer.start()
    await settled()
    assert.deepEqual(seen, ['announcing', 'working'])
    assert.deepEqual(announcer.status, [
      {
        url: 'a',
        tier: 0,
        state: { type: 'working' },
        seeders: 1,
        leechers: 2,
        peers: 1,
        externalHost: '198.51.100.1',
      },
    ])
  })

  it('says why it fails and when it is tried again', async () => {
    const trackers = new ScriptedTrackers()
    trackers.behaviours.set('a', fails('busy', { retryIn: 20 }))
    const announcer = trackers.announcer([['a']])
    announcer.start()
    await trackers.clock.advance(5 * MINUTE)
    assert.deepEqual(announcer.status[0]?.state, {
      type: 'failing',
      code: 'failure',
      message: 'a: busy',
      retryInMs: 15 * MINUTE,
    })
  })
})
