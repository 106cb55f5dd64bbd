import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Candidates, MAX_CANDIDATES, MAX_UNCONFIRMED } from '../../../src/engine/connect/candidates.js'
import type { PeerAddress } from '../../../src/protocol/peer-address.js'
import { CONFIRMED_RANK, type PeerSource, TRUST_RANK } from '../../../src/protocol/peer-source.js'

const at = (number: number): PeerAddress => ({
  host: `8.${number >> 16}.${(number >> 8) & 255}.${number & 255}`,
  port: 1,
})
/** Long after any back-off. */
const LATER = 1e9

const SOURCES = Object.keys(TRUST_RANK) as PeerSource[]
const UNCONFIRMED = SOURCES.filter(source => TRUST_RANK[source] < CONFIRMED_RANK)

test('sources are trusted in this order: user; trackers and incoming peers; local network; DHT; peer exchange', () => {
  const byTrust = SOURCES.toSorted((a, b) => TRUST_RANK[b] - TRUST_RANK[a])
  assert.deepEqual(byTrust, ['user', 'tracker', 'incoming', 'lsd', 'dht', 'pex'])
  assert.deepEqual(UNCONFIRMED, ['lsd', 'dht', 'pex'])
})

test('unconfirmed addresses take at most half of the places, and none of a tracker’s', () => {
  for (const source of UNCONFIRMED) {
    const candidates = new Candidates()
    for (let number = 0; number < MAX_UNCONFIRMED; number++) assert.ok(candidates.add(at(number), source))
    assert.equal(candidates.add(at(5_000), source), undefined)
    for (let number = 10_000; number < 10_000 + MAX_CANDIDATES; number++)
      assert.ok(candidates.add(at(number), 'tracker'))
    assert.equal(candidates.size, MAX_CANDIDATES)
    // All of them were replaced, and none comes back.
    assert.equal(candidates.add(at(1), source), undefined)
    assert.equal(candidates.next(0)?.trustRank, TRUST_RANK.tracker)
  }
})

test('an address replaces one that is trusted less, or as much if it has failed, and no other', () => {
  for (const kept of UNCONFIRMED) {
    for (const source of UNCONFIRMED) {
      const candidates = new Candidates()
      for (let number = 0; number < MAX_UNCONFIRMED; number++) candidates.add(at(number), kept)
      const isTrustedMore = TRUST_RANK[source] > TRUST_RANK[kept]
      assert.equal(candidates.add(at(5_000), source) !== undefined, isTrustedMore, `${source} for ${kept}`)
      candidates.failed(candidates.get(at(500))!, 0)
      const hasRoom = TRUST_RANK[source] >= TRUST_RANK[kept]
      assert.equal(candidates.add(at(5_001), source) !== undefined, hasRoom, `${source} for failed ${kept}`)
      assert.equal(candidates.get(at(500)) === undefined, hasRoom)
      assert.equal(candidates.size, MAX_UNCONFIRMED)
    }
  }
})

test('the least trusted address is replaced first, of several the one that failed most', () => {
  const candidates = new Candidates()
  for (let number = 0; number < MAX_CANDIDATES - 3; number++) candidates.add(at(number), 'user')
  const [dht, pex, failedPex] = [at(5_000), at(5_001), at(5_002)]
  candidates.add(dht, 'dht')
  candidates.add(pex, 'pex')
  candidates.add(failedPex, 'pex')
  candidates.failed(candidates.get(failedPex)!, 0)
  const left = [failedPex, pex, dht].map((_, index) => {
    assert.ok(candidates.add(at(6_000 + index), 'tracker'))
    return [failedPex, pex, dht].filter(address => candidates.get(address) !== undefined)
  })
  assert.deepEqual(left, [[pex, dht], [dht], []])
  assert.equal(candidates.add(at(7_000), 'tracker'), undefined)
})

test('addresses from a tracker never replace those from the user', () => {
  const candidates = new Candidates()
  for (let number = 0; number < MAX_CANDIDATES; number++) {
    candidates.failed(candidates.add(at(number), 'user')!, 0)
  }
  assert.equal(candidates.add(at(5_000), 'tracker'), undefined)
  assert.ok(candidates.add(at(5_000), 'user'))
})

test('an unconfirmed address is forgotten after three failed attempts, any other is kept', () => {
  for (const source of SOURCES) {
    const candidates = new Candidates()
    const candidate = candidates.add(at(1), source)!
    for (let attempt = 1; attempt <= 3; attempt++) {
      assert.equal(candidates.get(at(1)), candidate)
      candidates.failed(candidate, 0)
    }
    assert.equal(candidates.get(at(1)), UNCONFIRMED.includes(source) ? undefined : candidate, source)
  }
})

test('an address has the rank of the most trusted source that named it, or that a connection gives it', () => {
  const candidates = new Candidates()
  const ranks = (['dht', 'pex', 'lsd', 'tracker', 'dht', 'user', 'incoming'] as const).map(
    source => candidates.add(at(1), source)?.trustRank,
  )
  const { user, tracker, lsd, dht } = TRUST_RANK
  assert.deepEqual(ranks, [dht, dht, lsd, tracker, tracker, user, user])
  const reached = candidates.add(at(2), 'pex')!
  candidates.connected(reached)
  assert.equal(reached.trustRank, CONFIRMED_RANK)
  // Their places are free for other unconfirmed ones.
  for (let number = 0; number < MAX_UNCONFIRMED; number++) assert.ok(candidates.add(at(100 + number), 'pex'))
})

test('an address at a banned host is not added', () => {
  const candidates = new Candidates()
  candidates.ban(candidates.add({ host: '8.8.8.8', port: 1 }, 'tracker')!.contributor)
  for (const source of SOURCES) assert.equal(candidates.add({ host: '8.8.8.8', port: 2 }, source), undefined)
})

test('attempts are made in this order: fewest failures, then most trusted, then higher priority', () => {
  const priorities = new Map([1, 2, 3, 4, 6, 7].map(number => [at(number).host, number]))
  const candidates = new Candidates(({ host }) => priorities.get(host) ?? 0)
  for (const number of [1, 3]) candidates.add(at(number), 'pex')
  candidates.add(at(7), 'dht')
  for (const number of [4, 2, 5]) candidates.add(at(number), 'tracker')
  candidates.add(at(6), 'incoming')
  candidates.add(at(8), 'user')
  candidates.failed(candidates.get(at(5))!, 0)
  const order: (string | undefined)[] = []
  for (let next = candidates.next(LATER); next !== undefined; next = candidates.next(LATER)) {
    order.push(next.address.host)
    candidates.connected(next)
  }
  assert.deepEqual(
    order,
    [8, 6, 4, 2, 7, 3, 1, 5].map(number => at(number).host),
  )
})

test('priorities are computed anew when our own address changes', () => {
  let sign = 1
  const candidates = new Candidates(({ host }) => sign * Number(host.split('.')[3]))
  const [first, second] = [candidates.add(at(1), 'tracker')!, candidates.add(at(2), 'tracker')!]
  assert.equal(candidates.next(0), second)
  sign = -1
  assert.equal(candidates.next(0), second)
  candidates.forgetPriorities()
  assert.equal(candidates.next(0), first)
})

test('priorities are computed at most 256 at a time', () => {
  let count = 0
  const candidates = new Candidates(() => ++count)
  for (let number = 0; number < 1_000; number++) candidates.add(at(number), 'tracker')
  const counts = Array.from({ length: 5 }, () => {
    candidates.next(0)
    return count
  })
  assert.deepEqual(counts, [256, 512, 768, 1_000, 1_000])
})

test('another list is taken over: connected addresses are due at once, failures and bans are kept, sources obeyed', () => {
  const before = new Candidates()
  const [connected, failed, banned] = [1, 2, 3].map(number => before.add(at(number), 'dht')!)
  before.connecting(connected!)
  before.connected(connected!)
  before.failed(failed!, 0)
  before.ban(banned!.contributor)
  const candidates = new Candidates()
  const known = candidates.add(at(4), 'user')
  before.add(at(4), 'pex')
  before.add(at(5), 'lsd')
  candidates.takeOver(before, source => source !== 'lsd')
  assert.equal(candidates.size, 4)
  assert.equal(candidates.get(at(4)), known)
  const next = candidates.get(at(1))
  assert.deepEqual([next?.state, next?.nextAttempt, next?.trustRank], ['idle', 0, CONFIRMED_RANK])
  assert.deepEqual(
    [candidates.get(at(2))?.failures, candidates.get(at(2))?.nextAttempt],
    [failed!.failures, failed!.nextAttempt],
  )
  assert.equal(candidates.add({ ...at(3), port: 2 }, 'user'), undefined)
})
