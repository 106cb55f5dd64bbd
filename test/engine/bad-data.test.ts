// Peers that send bad data are banned, and no others are.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SeededRandom } from '../../src/base/random.js'
import { BLOCK_LENGTH } from '../../src/protocol/metainfo/metainfo.js'
import { hostOf, join, Node, Post, plainInfo } from './support/joined-engines.js'
import { runUntil } from './support/run-until.js'

test('the peer that sent a bad block of a piece in which two had a part is found by the good copy', () => {
  const post = new Post()
  const info = plainInfo(1, 8 * BLOCK_LENGTH)
  const honest = new Node({ post, info, isSeed: true, faults: { blockMs: 100 } })
  const liar = new Node({ post, info, isSeed: true, faults: { blockMs: 100, lie: 1 } })
  const leecher = new Node({ post, info })
  join(leecher, honest)
  const { b: asker } = join(leecher, liar)
  runUntil(post, [honest, liar, leecher], () => leecher.torrent.downloader.wastedBytes > 0)
  assert.deepEqual(leecher.banned, [])
  // Too late to send a bad block of a piece that it has to itself.
  asker.request = (piece, offset, length) => asker.link.reject(piece, offset, length)
  runUntil(post, [honest, liar, leecher], () => leecher.isCompleted)
  assert.deepEqual(leecher.banned, [liar.address])
})

test('a peer that had a part in a bad piece has pieces to itself until one of them is good', () => {
  const post = new Post()
  const info = plainInfo(40, 8 * BLOCK_LENGTH)
  const one = new Node({ post, info, isSeed: true, faults: { blockMs: 400 } })
  const two = new Node({ post, info, isSeed: true, faults: { blockMs: 400 } })
  const leecher = new Node({ post, info })
  const peers = [join(leecher, one).a, join(leecher, two).a]
  runUntil(post, [one, two, leecher], () => leecher.torrent.have.count >= 4)
  for (const { contributor } of peers) contributor.isSuspect = true
  const senders = new Map<number, Set<string>>()
  let cleared = 0
  const receive = leecher.receive.bind(leecher)
  leecher.receive = (peer, piece, ...block) => {
    const all = senders.get(piece) ?? new Set()
    senders.set(piece, all.add(hostOf(peer)))
    const wasOnParole = peer.contributor.isSuspect
    receive(peer, piece, ...block)
    if (!wasOnParole || peer.contributor.isSuspect) return
    cleared++
    assert.deepEqual([...all], [hostOf(peer)])
  }
  runUntil(post, [one, two, leecher], () => leecher.isCompleted, 300)
  assert.equal(cleared, 2)
  assert.deepEqual(leecher.banned, [])
})

interface Swarm {
  readonly seed: number
  readonly pieces: number
  readonly honest: number
  readonly liars: number
  /** Chance that a block of a liar is bad. */
  readonly lie: number
  readonly blockMs: number
  readonly pick: 'random' | 'rarest' | 'random-then-rarest' | 'sequential'
}

const swarms: fc.Arbitrary<Swarm> = fc.record({
  seed: fc.nat(),
  pieces: fc.integer({ min: 20, max: 60 }),
  honest: fc.integer({ min: 2, max: 5 }),
  liars: fc.integer({ min: 1, max: 3 }),
  lie: fc.constantFrom(0.02, 0.2, 1),
  blockMs: fc.constantFrom(1, 30, 500),
  pick: fc.constantFrom('random', 'rarest', 'random-then-rarest', 'sequential'),
})

test('no honest peer is ever banned, every download completes, and peers that send much bad data are banned', () => {
  let lies = 0
  let banned = 0
  fc.assert(
    fc.property(swarms, swarm => {
      const post = new Post()
      const info = plainInfo(swarm.pieces, 8 * BLOCK_LENGTH)
      const random = new SeededRandom(swarm.seed)
      const { blockMs, lie, pick } = swarm
      const seeds = Array.from({ length: swarm.honest }, () => {
        const faults = { blockMs: blockMs * (1 + random.below(3)) }
        return new Node({ post, info, isSeed: true, faults })
      })
      const liars = Array.from({ length: swarm.liars }, () => {
        return new Node({ post, info, isSeed: true, random, faults: { blockMs, lie } })
      })
      const leechers = [1, 2].map(number => new Node({ post, info, pick, random: new SeededRandom(number) }))
      join(leechers[0]!, leechers[1]!)
      for (const leecher of leechers) for (const other of [...seeds, ...liars]) join(leecher, other)
      const all = [...seeds, ...liars, ...leechers]
      runUntil(post, all, () => leechers.every(({ isCompleted }) => isCompleted), 3_600)
      const hosts = new Set(liars.map(({ address }) => address.host))
      for (const leecher of leechers) {
        for (const { host } of leecher.banned) assert.ok(hosts.has(host), `${host} was banned unfairly`)
        if (lie === 1) assert.equal(leecher.banned.length, liars.length)
        const { downloader } = leecher.torrent
        assert.equal(downloader.received.total - downloader.wastedBytes, info.size)
        banned += leecher.banned.length
      }
      for (const { injected } of liars) lies += injected.lie
    }),
    { numRuns: 40, includeErrorInReport: true },
  )
  assert.ok(lies > 0 && banned > 0)
})
