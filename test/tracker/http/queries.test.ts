import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { SeededRandom } from '../../../src/base/random.js'
import { MESSAGE_LIMITS } from '../../../src/protocol/bencode/limits.js'
import { scanBencode } from '../../../src/protocol/bencode/scan.js'
import { type AnnounceRequest, announceUrl } from '../../../src/protocol/tracker/announce-request.js'
import {
  type AnnounceSuccess,
  decodeAnnounceResponse,
} from '../../../src/protocol/tracker/announce-response.js'
import { clientAt, type TrackerClient } from '../../../src/tracker/client.js'
import { type AnnounceSeen, TrackerDecisions } from '../../../src/tracker/decisions.js'
import { answerAnnounceQuery, answerScrapeQuery } from '../../../src/tracker/http/queries.js'
import { TRACKER_LIMITS } from '../../../src/tracker/limits.js'
import { MemoryStore } from '../../../src/tracker/swarm-store/memory-store.js'
import { leecher } from '../../discovery/fake-tracker.js'

const random = new SeededRandom(1)
const rules = { intervalSeconds: 1000, minIntervalSeconds: 60, random }

class Tracker {
  readonly store = new MemoryStore({ random, timeoutMs: 10_000, limits: { ...TRACKER_LIMITS, peers: 500 } })
  readonly seen: AnnounceSeen[] = []
  readonly #decisions = new TrackerDecisions(this.store, rules, seen => this.seen.push(seen))

  ask(remote: string, changes: Partial<AnnounceRequest> = {}, extra = ''): Uint8Array {
    const query = new URL(announceUrl('http://h/announce', leecher(changes))).search.slice(1)
    return this.announce(query + extra, remote)
  }

  announce(query: string, remote: string): Uint8Array {
    return answerAnnounceQuery(query, request => this.#decisions.decide(request, clientOf(remote), 0))
  }

  scrape(query: string): Uint8Array {
    const client = clientOf('198.51.100.1')
    return answerScrapeQuery(query, request => this.#decisions.decide(request, client, 0))
  }

  peersFor(remote: string, changes: Partial<AnnounceRequest> = {}, extra = '') {
    return (decodeAnnounceResponse(this.ask(remote, changes, extra)) as AnnounceSuccess).peers
  }
}

function failureOf(body: Uint8Array): string {
  const response = decodeAnnounceResponse(body)
  assert.ok(response.type === 'failure')
  return response.reason
}

function clientOf(remote: string): TrackerClient {
  const client = clientAt(remote)
  assert.ok(client !== undefined)
  return client
}

const id = (number: number) => new Uint8Array(20).fill(number)

describe('the answer to an announce', () => {
  it('names peers of both families by the address they announced from', () => {
    const tracker = new Tracker()
    tracker.ask('198.51.100.1', { peerId: id(1), port: 1001 })
    tracker.ask('2001:db8::2', { peerId: id(2), port: 1002 })
    tracker.ask('::ffff:198.51.100.3', { peerId: id(3), port: 1003 })
    const expected = [
      { host: '198.51.100.1', port: 1001 },
      { host: '198.51.100.3', port: 1003 },
      { host: '2001:db8::2', port: 1002 },
    ]
    for (const compact of [true, false]) {
      const peers = tracker.peersFor('198.51.100.9', { peerId: id(9), compact })
      assert.deepEqual(
        peers.toSorted((a, b) => a.port - b.port).map(({ port }) => port),
        [1001, 1002, 1003],
      )
      assert.deepEqual(new Set(peers.map(({ host }) => host)), new Set(expected.map(({ host }) => host)))
    }
  })

  it('never believes an address that the client names', () => {
    const tracker = new Tracker()
    tracker.ask('198.51.100.1', { peerId: id(1) }, '&ip=203.0.113.5&ipv4=203.0.113.5:1&ipv6=[2001:db8::5]:1')
    assert.deepEqual(tracker.peersFor('198.51.100.9', { peerId: id(9) }), [
      { host: '198.51.100.1', port: 6881 },
    ])
  })

  it('counts a peer that takes no connections (port 0), gives it peers, and gives it to none', () => {
    for (const [seeder, other] of [
      ['198.51.100.1', '198.51.100.2'],
      ['2001:db8::1', '2001:db8:1::1'],
    ] as const) {
      for (const compact of [true, false]) {
        const tracker = new Tracker()
        tracker.ask(seeder, { peerId: id(1), port: 1001, left: 0 })
        const answer = tracker.ask(other, { peerId: id(2), port: 0, compact })
        const { peers, complete, incomplete } = decodeAnnounceResponse(answer) as AnnounceSuccess
        assert.deepEqual([complete, incomplete], [1, 1])
        assert.deepEqual(peers, [{ host: seeder, port: 1001 }])
        // Nor itself, nor another of its address, whose port is 0 as well.
        tracker.ask(other, { peerId: id(3), port: 0, left: 0, compact })
        const body = tracker.ask(other, { peerId: id(4), port: 1004, compact, noPeerId: false })
        const { peers: others, complete: seeders } = decodeAnnounceResponse(body) as AnnounceSuccess
        assert.equal(seeders, 2)
        assert.deepEqual(others, [{ host: seeder, port: 1001 }])
        assert.equal(new TextDecoder('latin1').decode(body).includes('4:porti0e'), false)
      }
    }
  })

  it('takes a peer without a port out again, and the right one', () => {
    const tracker = new Tracker()
    for (const number of [1, 2]) tracker.ask('198.51.100.1', { peerId: id(number), port: 0 })
    tracker.ask('198.51.100.1', { peerId: id(1), port: 0, event: 'stopped' })
    const { incomplete } = decodeAnnounceResponse(
      tracker.ask('198.51.100.1', { peerId: id(2), port: 0, event: undefined }),
    ) as AnnounceSuccess
    assert.equal(incomplete, 1)
  })

  it('is a refusal with a time to ask again where the address has too many peers (BEP 31)', () => {
    const tracker = new Tracker()
    const { peersPerSwarm } = TRACKER_LIMITS.addresses.internet
    for (let i = 0; i < peersPerSwarm; i++) tracker.ask('198.51.100.1', { port: 1000 + i })
    const response = decodeAnnounceResponse(tracker.ask('198.51.100.1', { port: 999 }))
    const reason = 'your address has too many peers of this torrent'
    assert.deepEqual(response, { type: 'failure', reason, retryIn: 15 })
    assert.equal(decodeAnnounceResponse(tracker.ask('198.51.100.1', { port: 1000 })).type, 'success')
    assert.equal(decodeAnnounceResponse(tracker.ask('198.51.100.2', { port: 999 })).type, 'success')
  })

  it('leaves out peer ids where they are not asked for', () => {
    const tracker = new Tracker()
    tracker.ask('198.51.100.1', { peerId: id(1) })
    for (const noPeerId of [true, false]) {
      const body = tracker.ask('198.51.100.9', { peerId: id(9), compact: false, noPeerId })
      const [peer] = scanBencode(body, MESSAGE_LIMITS).get('peers')?.items ?? []
      assert.deepEqual(peer?.get('peer id')?.string?.slice(), noPeerId ? undefined : id(1))
    }
  })

  it('says the address that the announce came from (BEP 24)', () => {
    const tracker = new Tracker()
    const answer = decodeAnnounceResponse(tracker.ask('fe80::1%eth0')) as AnnounceSuccess
    assert.equal(answer.externalHost, 'fe80::1')
  })

  it('gives intervals that differ by up to a tenth, and a minimum', () => {
    const tracker = new Tracker()
    const intervals = new Set<number>()
    for (let i = 0; i < 200; i++) {
      const { interval = 0, minInterval } = decodeAnnounceResponse(
        tracker.ask('198.51.100.1'),
      ) as AnnounceSuccess
      assert.ok(interval >= 1000 && interval <= 1100)
      assert.equal(minInterval, 60)
      intervals.add(interval)
    }
    assert.ok(intervals.size > 30)
  })

  it('has 50 peers where the client does not say how many, and never more than 200', () => {
    const tracker = new Tracker()
    for (let i = 0; i < 300; i++) tracker.ask('198.51.100.1', { peerId: id(i & 0xff), port: 1000 + i })
    const asker = { peerId: new TextEncoder().encode('-TT0001-zzzzzzzzzzzz') }
    assert.equal(tracker.peersFor('198.51.100.9', { ...asker, numwant: undefined }).length, 50)
    assert.equal(tracker.peersFor('198.51.100.9', { ...asker, numwant: 1_000_000 }).length, 200)
    assert.equal(tracker.peersFor('198.51.100.9', { ...asker, numwant: 7 }).length, 7)
  })

  it('tells observers what was announced', () => {
    const tracker = new Tracker()
    tracker.ask('198.51.100.1', { left: 0 })
    const [seen] = tracker.seen
    assert.equal(seen?.host, '198.51.100.1')
    assert.equal(seen?.complete, 1)
    assert.equal(seen?.request.event, 'started')
  })

  it('is a refusal that says what is wrong with a malformed one', () => {
    const tracker = new Tracker()
    const refuse = (query: string) => failureOf(tracker.announce(query, '198.51.100.1'))
    assert.equal(refuse(''), 'info_hash is missing')
    assert.equal(refuse('info_hash=abc'), 'info_hash: 3 bytes instead of 20')
    assert.equal(tracker.store.totals.swarms, 0)
  })

  it('is a refusal with a time to ask again where the tracker is full (BEP 31)', () => {
    const tracker = new Tracker()
    for (let i = 0; i < 500; i++) tracker.ask(`198.18.0.${i >> 1}`, { port: 1000 + i })
    const response = decodeAnnounceResponse(tracker.ask('198.51.100.2'))
    assert.deepEqual(response, { type: 'failure', reason: 'this tracker is full', retryIn: 15 })
  })
})

describe('the answer to a scrape', () => {
  const one = `info_hash=${'%25'.repeat(20)}`

  it('has the swarms that are known, also when one is asked for twice', () => {
    const tracker = new Tracker()
    tracker.ask('198.51.100.1', { infoHash: new Uint8Array(20).fill(0x25), left: 0 })
    const body = tracker.scrape(`${one}&${one}&info_hash=${'x'.repeat(20)}`)
    const text = `d5:filesd20:${'%'.repeat(20)}d8:completei1e10:downloadedi0e11:downloadersi0e10:incompletei0eeee`
    assert.equal(new TextDecoder().decode(body), text)
  })

  it('is a refusal for everything at once, for too many and for garbage', () => {
    const tracker = new Tracker()
    const many = Array.from({ length: 101 }, (_, i) => `info_hash=${String(i).padStart(20, '0')}`).join('&')
    assert.match(failureOf(tracker.scrape('')), /no full scrape/)
    assert.match(failureOf(tracker.scrape(many)), /more than 100/)
    assert.match(failureOf(tracker.scrape('info_hash=%')), /escape/)
  })
})
