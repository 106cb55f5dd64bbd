import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SeededRandom } from '../../../src/base/random.js'
import { type AddressLimits, TRACKER_LIMITS, type TrackerLimits } from '../../../src/tracker/limits.js'
import { MemoryStore } from '../../../src/tracker/swarm-store/memory-store.js'
import type { AnnounceOutcome } from '../../../src/tracker/swarm-store/swarm-store.js'

const LEECHER = { isSeeder: false, event: undefined }
let ids = 0

class Harness {
  readonly store: MemoryStore

  constructor(changes: Partial<TrackerLimits> = {}, address: Partial<AddressLimits> = {}) {
    const { addresses } = TRACKER_LIMITS
    const limits = {
      ...TRACKER_LIMITS,
      addresses: { ...addresses, internet: { ...addresses.internet, ...address } },
    }
    const random = new SeededRandom(1)
    this.store = new MemoryStore({ random, timeoutMs: 1000, limits: { ...limits, ...changes } })
  }

  announce(host: number, port: number, swarm: number, isSeeder = false): AnnounceOutcome {
    const compact = Uint8Array.of(198, 51, host >> 8, host, port >> 8, port)
    const peerId = new TextEncoder().encode(String(ids++).padStart(20))
    const source = { key: `${host}`, kind: 'internet' as const }
    const infoHash = new Uint8Array(20)
    new DataView(infoHash.buffer).setUint32(0, swarm)
    return this.store.announce(
      { ...LEECHER, isSeeder, infoHash, source, peer: { compact, peerId }, numwant: 50 },
      0,
    )
  }

  /** How many peers of each address another one is given. */
  given(host: number, isSeeder = false): Map<number, number> {
    const outcome = this.announce(host, 1, 1, isSeeder)
    assert.ok(outcome.type === 'listed')
    const counts = new Map<number, number>()
    const different = new Set(outcome.peers.map(({ compact }) => String(compact)))
    assert.equal(different.size, outcome.peers.length, 'a peer is given once')
    for (const { compact } of outcome.peers) {
      const [, , high = 0, low = 0] = compact
      counts.set(high * 256 + low, (counts.get(high * 256 + low) ?? 0) + 1)
    }
    return counts
  }

  /** Whether a swarm has peers. */
  has(swarm: number): boolean {
    const infoHash = new Uint8Array(20)
    new DataView(infoHash.buffer).setUint32(0, swarm)
    return this.store.scrape(infoHash, 0) !== undefined
  }
}

describe('an address with many peers in a swarm', () => {
  it('has no more than a quarter of an answer where there are enough others', () => {
    const harness = new Harness()
    for (let port = 1; port <= 300; port++) harness.announce(0, port, 1)
    for (let host = 1; host <= 45; host++) harness.announce(host, 1, 1)
    const given = harness.given(99)
    assert.equal(
      [...given.values()].reduce((a, b) => a + b),
      50,
    )
    assert.equal(given.size, 46)
    assert.equal(given.get(0), 5)
    for (const seeder of [true, false]) assert.ok((harness.given(100, seeder).get(0) ?? 0) <= 13)
  })

  it('has no more than all others together in a small swarm, or five', () => {
    for (const [others, most] of [
      [1, 5],
      [8, 8],
      [20, 13],
    ] as const) {
      const harness = new Harness()
      for (let port = 1; port <= 200; port++) harness.announce(0, port, 1)
      for (let host = 1; host <= others; host++) harness.announce(host, 1, 1)
      const given = harness.given(99)
      assert.equal(given.get(0), most)
      assert.equal(given.size, others + 1, 'every other address is given')
    }
  })

  it('fills the answer where there is no other, and each of its peers comes in the end', () => {
    const harness = new Harness()
    for (let port = 1; port <= 200; port++) harness.announce(0, port, 1, port % 2 === 0)
    assert.deepEqual([...harness.given(99)], [[0, 50]])
    const seen = new Set<string>()
    for (let i = 0; i < 60; i++) {
      const outcome = harness.announce(99, 1, 1)
      assert.ok(outcome.type === 'listed')
      for (const { compact } of outcome.peers) seen.add(String(compact))
    }
    assert.equal(seen.size, 200)
  })

  it('is told of itself as of any other', () => {
    const harness = new Harness()
    for (let port = 1; port <= 10; port++) harness.announce(0, port, 1)
    assert.deepEqual([...harness.given(0)], [[0, 9]])
  })

  it('takes no more than it may, and what it has stays its own', () => {
    const harness = new Harness({}, { peersPerSwarm: 3 })
    for (const port of [1, 2, 3]) assert.equal(harness.announce(0, port, 1).type, 'listed')
    assert.deepEqual(harness.announce(0, 4, 1), { type: 'refused', reason: 'address-has-too-many-here' })
    assert.equal(harness.announce(0, 3, 1).type, 'listed')
    assert.equal(harness.announce(1, 4, 1).type, 'listed')
  })
})

describe('an address with many swarms', () => {
  it('takes no more than it may', () => {
    const harness = new Harness({}, { listings: 100 })
    for (let swarm = 0; swarm < 100; swarm++) assert.equal(harness.announce(0, 1, swarm).type, 'listed')
    assert.deepEqual(harness.announce(0, 1, 100), { type: 'refused', reason: 'address-has-too-many' })
    assert.equal(harness.store.totals.swarms, 100)
    assert.equal(harness.announce(1, 1, 100).type, 'listed')
  })

  it('makes room for others when the tracker is full: its oldest go first, and none that is shared', () => {
    const harness = new Harness({ swarms: 100 })
    harness.announce(1, 1, 1000)
    harness.announce(2, 1, 1000)
    for (let swarm = 0; swarm < 99; swarm++) harness.announce(0, 1, swarm)
    for (let host = 10; host < 40; host++) assert.equal(harness.announce(host, 1, 2000 + host).type, 'listed')
    assert.equal(harness.store.totals.swarms, 100)
    assert.ok(harness.has(1000))
    for (let swarm = 0; swarm < 99; swarm++) assert.equal(harness.has(swarm), swarm >= 30)
    for (let host = 10; host < 40; host++) assert.ok(harness.has(2000 + host))
    assert.deepEqual(harness.announce(0, 1, 3000), { type: 'refused', reason: 'full' })
  })

  it('makes room for peers as well', () => {
    const harness = new Harness({ peers: 50 })
    for (let swarm = 0; swarm < 48; swarm++) harness.announce(0, 1, swarm)
    for (let host = 1; host <= 20; host++) assert.equal(harness.announce(host, 1, 1000).type, 'listed')
    const { leechers, swarms } = harness.store.totals
    assert.ok(leechers <= 50 && swarms < 48, `${leechers} peers in ${swarms} swarms`)
  })

  it('does not displace addresses that have as few swarms as the new ones', () => {
    const harness = new Harness({ swarms: 10 })
    for (let host = 0; host < 10; host++) harness.announce(host, 1, host)
    assert.deepEqual(harness.announce(99, 1, 99), { type: 'refused', reason: 'full' })
    for (let host = 0; host < 10; host++) assert.ok(harness.has(host))
  })
})
