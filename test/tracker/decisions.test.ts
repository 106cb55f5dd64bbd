import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SeededRandom } from '../../src/base/random.js'
import { clientAt } from '../../src/tracker/client.js'
import {
  type AnnounceFacts,
  type AnnounceSeen,
  TrackerDecisions,
  type TrackerRequest,
} from '../../src/tracker/decisions.js'
import { TRACKER_LIMITS } from '../../src/tracker/limits.js'
import { MemoryStore } from '../../src/tracker/swarm-store/memory-store.js'

const INFO_HASH = new Uint8Array(20).fill(9)
const id = (number: number) => new Uint8Array(20).fill(number)

function announce(changes: Partial<AnnounceFacts> = {}): TrackerRequest {
  const usual: AnnounceFacts = {
    infoHash: INFO_HASH,
    peerId: id(1),
    port: 6881,
    uploaded: 0,
    downloaded: 0,
    left: 1,
    event: undefined,
    numwant: undefined,
    key: undefined,
  }
  return { type: 'announce', announce: { ...usual, ...changes } }
}

/** The decisions of a tracker with room for `peers` at time 0. */
function open(peers = 1000) {
  const random = new SeededRandom(1)
  const seen: AnnounceSeen[] = []
  const store = new MemoryStore({ random, timeoutMs: 10_000, limits: { ...TRACKER_LIMITS, peers } })
  const rules = { intervalSeconds: 1000, minIntervalSeconds: 60, random }
  const decisions = new TrackerDecisions(store, rules, one => seen.push(one))
  const decide = (request: TrackerRequest, host = '198.51.100.1') => {
    const client = clientAt(host)
    assert.ok(client !== undefined)
    return decisions.decide(request, client, 0)
  }
  const peersOf = (request: TrackerRequest, host: string) => {
    const decision = decide(request, host)
    assert.ok(decision.type === 'announce')
    return decision.peers
  }
  return { decide, peersOf, seen }
}

describe('the decision on an announce', () => {
  it('has the counts, peers at the addresses they announced from, and the address of the one that asks', () => {
    const { decide } = open()
    decide(announce({ peerId: id(1), port: 0x1234, left: 0 }), '198.51.100.1')
    decide(announce({ peerId: id(2), port: 0x1235 }), '2001:db8::2')
    const decision = decide(announce({ peerId: id(3) }), '::ffff:198.51.100.3')
    assert.ok(decision.type === 'announce')
    const { interval, peers, ...rest } = decision
    assert.deepEqual(rest, {
      type: 'announce',
      minInterval: 60,
      counts: { complete: 1, incomplete: 2, downloaders: 2, downloaded: 0 },
      externalHost: '198.51.100.3',
    })
    assert.ok(interval >= 1000 && interval <= 1100)
    const compact = peers.map(peer => [...peer.compact]).sort((a, b) => a.length - b.length)
    const ipv6 = [0x20, 0x01, 0x0d, 0xb8, ...new Array(11).fill(0), 2, 0x12, 0x35]
    assert.deepEqual(compact, [[198, 51, 100, 1, 0x12, 0x34], ipv6])
  })

  it('has 50 peers where the client does not say how many, and never more than 200', () => {
    const { decide, peersOf } = open()
    for (let i = 0; i < 300; i++) decide(announce({ peerId: id(i & 127) }), `198.51.${i >> 8}.${i & 255}`)
    const countFor = (numwant: number | undefined) =>
      peersOf(announce({ peerId: id(255), port: 1, numwant }), '203.0.113.1').length
    assert.deepEqual([undefined, 7, 0, 1_000_000].map(countFor), [50, 7, 0, 200])
  })

  it('is a refusal with its reason and a time to ask again where a limit is reached (BEP 31)', () => {
    const retryMinutes = 15
    const small = open(5)
    for (let i = 0; i < 5; i++) small.decide(announce({ port: 1000 + i }), `198.51.100.${i}`)
    const full = { type: 'refusal', reason: 'full', message: 'this tracker is full', retryMinutes }
    assert.deepEqual(small.decide(announce(), '203.0.113.1'), full)

    const { decide } = open()
    const { peersPerSwarm } = TRACKER_LIMITS.addresses.internet
    for (let i = 0; i < peersPerSwarm; i++) decide(announce({ port: 1000 + i }))
    const decision = decide(announce({ port: 999 }))
    assert.ok(decision.type === 'refusal')
    assert.deepEqual([decision.reason, decision.retryMinutes], ['address-has-too-many-here', retryMinutes])
  })

  it('is told to observers, unless it is a refusal', () => {
    const { decide, seen } = open(1)
    const request = announce({ left: 0, event: 'started' })
    decide(request, '198.51.100.1')
    decide(announce(), '203.0.113.1')
    assert.ok(request.type === 'announce')
    const counts = { complete: 1, incomplete: 0, downloaders: 0, downloaded: 0 }
    assert.deepEqual(seen, [{ ...counts, request: request.announce, host: '198.51.100.1' }])
  })
})

describe('the decision on a scrape', () => {
  it('has an entry for each swarm in the order of the request, without counts where no peer is in it', () => {
    const { decide } = open()
    decide(announce({ left: 0 }))
    const infoHashes = [id(1), INFO_HASH]
    assert.deepEqual(decide({ type: 'scrape', infoHashes }), {
      type: 'scrape',
      swarms: [
        [id(1), undefined],
        [INFO_HASH, { complete: 1, incomplete: 0, downloaders: 0, downloaded: 0 }],
      ],
    })
  })

  it('is a refusal where all swarms are asked for', () => {
    const decision = open().decide({ type: 'scrape', infoHashes: [] })
    assert.ok(decision.type === 'refusal')
    assert.deepEqual([decision.reason, decision.retryMinutes], ['full-scrape', undefined])
  })
})
