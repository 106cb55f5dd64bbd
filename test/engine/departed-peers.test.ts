// Pieces that were left to peers which are gone, or silent, are open to the others.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SeededRandom } from '../../src/base/random.js'
import { BLOCK_LENGTH } from '../../src/protocol/metainfo/metainfo.js'
import { join, Node, Post, plainInfo } from './support/joined-engines.js'

const LIARS = 100
const LEAVE_WITHIN_MS = 8_000

/** The longest time (s) without a new piece until everything is there. */
function longestStandstill(post: Post, nodes: readonly Node[], leecher: Node, onSecond: () => void): number {
  let longest = 0
  let quiet = 0
  let before = 0
  for (let second = 0; !leecher.isCompleted && second < 300; second++) {
    post.advance(1_000)
    for (const node of nodes) node.torrent.onSecond()
    onSecond()
    post.settle()
    const { count } = leecher.torrent.have
    quiet = count === before ? quiet + 1 : 0
    before = count
    longest = Math.max(longest, quiet)
  }
  assert.ok(leecher.isCompleted)
  return longest
}

test('a hundred liars that leave within eight seconds delay nothing beside an honest seed', () => {
  const post = new Post()
  const random = new SeededRandom(7)
  const info = plainInfo(400, 8 * BLOCK_LENGTH)
  const leecher = new Node({ post, info, maxPeers: 150 })
  const seed = new Node({ post, info, isSeed: true, faults: { delayMs: 20, blockMs: 5 } })
  join(leecher, seed)
  const liars = Array.from({ length: LIARS }, () => {
    // It answers slowly: when it leaves, much waits for it.
    const faults = { delayMs: 20, blockMs: 200, lie: 0.3 }
    const liar = new Node({ post, info, isSeed: true, faults })
    return { liar, leavesAt: 2_000 + random.below(LEAVE_WITHIN_MS - 2_000), ...join(leecher, liar) }
  })
  const nodes = [leecher, seed, ...liars.map(({ liar }) => liar)]
  const seconds = longestStandstill(post, nodes, leecher, () => {
    for (const { cut, leavesAt } of liars) if (post.now >= leavesAt) cut()
  })
  assert.ok(seconds <= 5, `nothing came for ${seconds} s`)
  assert.ok(!leecher.banned.includes(seed.address))
})

test('a piece that is left to one peer alone is open when the peer leaves in the middle of the next one', () => {
  const post = new Post()
  const info = plainInfo(10, 8 * BLOCK_LENGTH)
  const leecher = new Node({ post, info, pick: 'sequential' })
  const first = new Node({ post, info, isSeed: true, faults: { blockMs: 100 } })
  const { a: suspect, cut } = join(leecher, first)
  suspect.contributor.isSuspect = true
  // It has sent some blocks of the first piece; its other blocks and some of the next piece are requested from it.
  const { requests } = suspect.ledger
  const isAhead = () => requests.pieceAt(0) !== requests.pieceAt(requests.length - 1)
  while (leecher.blocks === 0 || !isAhead()) post.advance(50)
  assert.equal(leecher.torrent.have.count, 0)
  cut()
  join(leecher, new Node({ post, info, isSeed: true }))
  for (let second = 0; second < 2; second++) {
    post.advance(1_000)
    leecher.torrent.onSecond()
  }
  assert.ok(leecher.isCompleted)
})

test('a piece that is left to one peer alone is open once no block of it came for ten seconds', () => {
  const post = new Post()
  const info = plainInfo(1, 8 * BLOCK_LENGTH)
  const leecher = new Node({ post, info })
  const silent = new Node({ post, info, isSeed: true, faults: { forget: 1 } })
  const { a: suspect } = join(leecher, silent)
  suspect.contributor.isSuspect = true
  post.settle()
  const seed = new Node({ post, info, isSeed: true })
  join(leecher, seed)
  let seconds = 0
  for (; !leecher.isCompleted && seconds < 300; seconds++) {
    post.advance(1_000)
    for (const node of [leecher, silent, seed]) node.torrent.onSecond()
    post.settle()
  }
  // Requests to the silent peer are taken back after 30 s, as from any other.
  assert.ok(seconds <= 31, `after ${seconds} s`)
})
