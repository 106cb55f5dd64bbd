import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { TrackerError } from '../../src/discovery/tracker-error.js'
import type { TrackerStatus } from '../../src/discovery/tracker-record.js'
import { defined } from '../defined.js'
import { fails, ScriptedTrackers, works } from './scripted-trackers.js'
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

  it('tells every tracker where it is to, and asks each again by itself', async () => {
    const trackers = new ScriptedTrackers()
    trackers.behaviours.set('a1', works({ interval: 600 }))
    trackers.behaviours.set('a2', fails())
    trackers.announcer([['a1', 'a2'], ['b']], { toAll: true }).start()
    await settled()
    assert.deepEqual(trackers.events.toSorted(), ['a1 started', 'a2 started', 'b started'])
    await trackers.clock.advance(29 * MINUTE)
    const count = (event: string) => trackers.events.filter(other => other === event).length
    assert.deepEqual([count('a1 -'), count('b -')], [2, 0])
    assert.ok(count('a2 started') > 5)
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
    const announcer = trackers.announcer([['a']])
    announcer.start()
    await trackers.clock.advance(2500_000)
    assert.deepEqual(trackers.secondsOf('a'), [0, 1000, 2000])
    announcer.wantsPeers(true)
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
    const announcer = trackers.announcer([['a']])
    announcer.start()
    await settled()
    announcer.wantsPeers(true)
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

  it('announces our peer id, port and progress as they are at that moment', async () => {
    const trackers = new ScriptedTrackers()
    trackers.behaviours.set('a', works({ interval: 60 }))
    trackers.announcer([['a']]).start()
    await settled()
    trackers.stats = { uploaded: 1, downloaded: 2, left: 3, isPartialSeed: false }
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
