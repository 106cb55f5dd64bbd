import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { toHex } from '../../../src/base/bytes.js'
import { SeededRandom } from '../../../src/base/random.js'
import type { ListedPeer } from '../../../src/protocol/tracker/announce-answer.js'
import type { AnnounceEvent } from '../../../src/protocol/tracker/announce-request.js'
import { TRACKER_LIMITS, type TrackerLimits } from '../../../src/tracker/limits.js'
import { MemoryStore } from '../../../src/tracker/swarm-store/memory-store.js'
import type { AnnounceOutcome } from '../../../src/tracker/swarm-store/swarm-store.js'

const TIMEOUT = 1000

function hash(number: number): Uint8Array {
  return new Uint8Array(20).fill(number)
}

/** Peer `number`, at an address and with an id of its own. */
function peer(number: number): ListedPeer {
  const compact = Uint8Array.of(10, 0, number >> 8, number, 0x1a, 0xe1)
  return { compact, peerId: new Uint8Array(20).fill(number) }
}

class Harness {
  readonly store: MemoryStore

  constructor(changes: Partial<TrackerLimits> = {}) {
    const limits = { ...TRACKER_LIMITS, ...changes }
    this.store = new MemoryStore({ random: new SeededRandom(1), timeoutMs: TIMEOUT, limits })
  }

  announce(
    number: number,
    changes: {
      isSeeder?: boolean
      event?: AnnounceEvent
      numwant?: number
      now?: number
      swarm?: number
    } = {},
  ): AnnounceOutcome {
    const { isSeeder = false, event, numwant = 50, now = 0, swarm = 1 } = changes
    const listed = peer(number)
    const source = { key: String(listed.compact.slice(0, 4)), kind: 'internet' as const }
    return this.store.announce({ infoHash: hash(swarm), peer: listed, source, isSeeder, event, numwant }, now)
  }

  /** The numbers of the peers that `number` is given. */
  given(number: number, changes: Parameters<Harness['announce']>[1] = {}): number[] {
    const outcome = this.announce(number, changes)
    assert.ok(outcome.type === 'listed')
    return outcome.peers.map(({ peerId }) => peerId[0] ?? 0).sort((a, b) => a - b)
  }

  counts(now = 0) {
    return this.store.scrape(hash(1), now)
  }
}

describe('a swarm', () => {
  it('is made by its first peer and gone with its last', () => {
    const harness = new Harness()
    assert.equal(harness.counts(), undefined)
    harness.announce(1)
    assert.deepEqual(harness.counts(), { complete: 0, incomplete: 1, downloaders: 1, downloaded: 0 })
    harness.announce(1, { event: 'stopped' })
    assert.equal(harness.counts(), undefined)
    assert.deepEqual(harness.store.totals, { swarms: 0, seeders: 0, leechers: 0 })
  })

  it('knows which leechers want nothing more, as long as each of their announces says so (BEP 21)', () => {
    const harness = new Harness()
    const steps: [announce: () => unknown, incomplete: number, downloaders: number][] = [
      [() => harness.announce(1), 1, 1],
      [() => harness.announce(2, { event: 'paused' }), 2, 1],
      [() => harness.announce(2, { event: 'paused' }), 2, 1],
      [() => harness.announce(1, { event: 'paused' }), 2, 0],
      [() => harness.announce(1), 2, 1],
      // A seeder is none, whatever it says.
      [() => harness.announce(3, { event: 'paused', isSeeder: true }), 2, 1],
      [() => harness.announce(2, { event: 'stopped' }), 1, 1],
    ]
    for (const [announce, incomplete, downloaders] of steps) {
      announce()
      const counts = harness.counts()
      assert.deepEqual([counts?.incomplete, counts?.downloaders], [incomplete, downloaders])
    }
  })

  it('is not made by a peer that only leaves', () => {
    const harness = new Harness()
    assert.equal(harness.announce(1, { event: 'stopped' }).type, 'listed')
    assert.equal(harness.store.totals.swarms, 0)
  })

  it('gives a peer the others, never itself', () => {
    const harness = new Harness()
    assert.deepEqual(harness.given(1), [])
    assert.deepEqual(harness.given(2), [1])
    assert.deepEqual(harness.given(3, { isSeeder: true }), [1, 2])
    assert.deepEqual(harness.given(1), [2, 3])
  })

  it('gives a seeder no seeders', () => {
    const harness = new Harness()
    harness.announce(1)
    harness.announce(2, { isSeeder: true })
    assert.deepEqual(harness.given(3, { isSeeder: true }), [1])
  })

  it('gives a seeder that starts some seeders: aria2 with a magnet link alone says that nothing is left', () => {
    const harness = new Harness()
    for (let number = 1; number <= 20; number++) harness.announce(number, { isSeeder: true })
    const starting = { isSeeder: true, event: 'started' } as const
    assert.equal(harness.given(21, starting).length, 5)
    assert.deepEqual(harness.given(21, { isSeeder: true }), [])
    harness.announce(22)
    const given = harness.given(21, starting)
    assert.ok(given.includes(22) && new Set(given).size === given.length)
    assert.ok(given.length <= 6)
    assert.deepEqual(harness.given(21, { ...starting, numwant: 0 }), [])
  })

  it('gives nobody another address of his own', () => {
    const harness = new Harness()
    harness.announce(1)
    const elsewhere = { compact: new Uint8Array(18).fill(9), peerId: peer(1).peerId }
    const outcome = harness.store.announce(
      {
        infoHash: hash(1),
        peer: elsewhere,
        source: { key: 'x', kind: 'internet' },
        isSeeder: false,
        event: undefined,
        numwant: 50,
      },
      0,
    )
    assert.deepEqual(outcome.type === 'listed' && outcome.peers, [])
  })

  it('gives no more than are wanted, and each of them in the end', () => {
    const harness = new Harness()
    for (let number = 1; number <= 40; number++) harness.announce(number, { isSeeder: number % 2 === 0 })
    const seen = new Set<number>()
    for (let i = 0; i < 100; i++) {
      const given = harness.given(1, { numwant: 5 })
      assert.equal(given.length, 5)
      for (const number of given) seen.add(number)
    }
    assert.equal(seen.size, 39)
    assert.deepEqual(harness.given(1, { numwant: 0 }), [])
  })

  it('is one of several: none knows the others', () => {
    const harness = new Harness()
    harness.announce(1, { swarm: 1 })
    assert.deepEqual(harness.given(2, { swarm: 2 }), [])
    assert.equal(harness.store.totals.swarms, 2)
  })

  it('counts a leecher that completes as a seeder, and as a download once', () => {
    const harness = new Harness()
    harness.announce(1, { event: 'started' })
    harness.announce(1, { event: 'completed', isSeeder: true })
    harness.announce(1, { event: 'completed', isSeeder: true })
    assert.deepEqual(harness.counts(), { complete: 1, incomplete: 0, downloaders: 0, downloaded: 1 })
  })

  it('counts no download of a peer that still misses something, or that came complete', () => {
    const harness = new Harness()
    harness.announce(1, { event: 'completed' })
    harness.announce(2, { event: 'started', isSeeder: true })
    assert.equal(harness.counts()?.downloaded, 0)
  })

  it('lets go of peers that went silent', () => {
    const harness = new Harness()
    harness.announce(1, { now: 0 })
    harness.announce(2, { now: TIMEOUT / 2 })
    assert.deepEqual(harness.given(3, { now: TIMEOUT + 1 }), [2])
    assert.equal(harness.counts(10 * TIMEOUT)?.incomplete, 0)
  })

  it('that is full lets go of the peer that has been silent for longest', () => {
    const harness = new Harness({ peersPerSwarm: 3 })
    for (const number of [1, 2, 3]) harness.announce(number)
    harness.announce(1)
    assert.deepEqual(harness.given(4), [1, 3])
  })
})

describe('a store', () => {
  it('that is full accepts no new peer, and keeps the ones it has', () => {
    const harness = new Harness({ peers: 2 })
    harness.announce(1)
    harness.announce(2)
    assert.deepEqual(harness.announce(3), { type: 'refused', reason: 'full' })
    assert.deepEqual(harness.given(1), [2])
    harness.announce(2, { event: 'stopped' })
    assert.equal(harness.announce(3).type, 'listed')
  })

  it('that is full of swarms makes room as they die', () => {
    const harness = new Harness({ swarms: 1 })
    harness.announce(1, { swarm: 1 })
    assert.equal(harness.announce(1, { swarm: 2 }).type, 'refused')
    assert.equal(harness.announce(2, { swarm: 1 }).type, 'listed')
    assert.equal(harness.announce(1, { swarm: 2, now: TIMEOUT + 1 }).type, 'listed')
    assert.deepEqual(harness.store.totals, { swarms: 1, seeders: 0, leechers: 1 })
  })

  it('forgets swarms that nobody announces to', () => {
    const harness = new Harness()
    harness.announce(1, { swarm: 1, now: 0 })
    harness.announce(1, { swarm: 2, now: 600, isSeeder: true })
    harness.announce(2, { swarm: 1, now: 900 })
    harness.store.expire(1700)
    assert.deepEqual(harness.store.totals, { swarms: 1, seeders: 0, leechers: 2 })
    harness.store.expire(5000)
    assert.deepEqual(harness.store.totals, { swarms: 0, seeders: 0, leechers: 0 })
  })

  it('names its largest swarms', () => {
    const harness = new Harness()
    for (const [swarm, peers] of [
      [1, 2],
      [2, 5],
      [3, 1],
    ] as const) {
      for (let number = 0; number < peers; number++) harness.announce(number, { swarm })
    }
    assert.deepEqual(
      harness.store.largest(2).map(({ infoHash }) => toHex(infoHash)),
      [toHex(hash(2)), toHex(hash(1))],
    )
  })

  it('agrees with a plain list of announces and their times', () => {
    const step = fc.record({
      number: fc.integer({ min: 1, max: 8 }),
      swarm: fc.integer({ min: 1, max: 3 }),
      isSeeder: fc.boolean(),
      event: fc.constantFrom<AnnounceEvent | undefined>(undefined, 'started', 'stopped'),
      elapsed: fc.nat(400),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), steps => {
        const harness = new Harness()
        const model = new Map<string, { swarm: number; number: number; isSeeder: boolean; seenAt: number }>()
        let now = 0
        for (const { number, swarm, isSeeder, event, elapsed } of steps) {
          now += elapsed
          for (const [key, { seenAt }] of model) if (seenAt < now - TIMEOUT) model.delete(key)
          const key = `${swarm} ${number}`
          if (event === 'stopped') model.delete(key)
          else model.set(key, { swarm, number, isSeeder, seenAt: now })
          const all = [...model.values()].filter(other => other.swarm === swarm && other.number !== number)
          const others = all
            .filter(other => !isSeeder || !other.isSeeder)
            .map(other => other.number)
            .sort((a, b) => a - b)
          const given = harness.given(number, { swarm, isSeeder, now, ...(event && { event }) })
          if (isSeeder && event === 'started') {
            // Some of them are seeders.
            assert.ok(others.every(other => given.includes(other)) && given.length <= others.length + 5)
            assert.ok(given.every(other => all.some(({ number }) => number === other)))
          } else {
            assert.deepEqual(given, event === 'stopped' ? [] : others)
          }
        }
        for (const swarm of [1, 2, 3]) {
          const members = [...model.values()].filter(member => member.swarm === swarm)
          const counts = harness.store.scrape(hash(swarm), now)
          assert.equal(counts?.complete ?? 0, members.filter(({ isSeeder }) => isSeeder).length)
          assert.equal(counts?.incomplete ?? 0, members.filter(({ isSeeder }) => !isSeeder).length)
        }
        const { seeders, leechers } = harness.store.totals
        assert.equal(seeders + leechers, model.size)
      }),
    )
  })
})
