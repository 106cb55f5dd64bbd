import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PeerAddress } from '../../../src/protocol/peer-address.js'
import { peerPriority } from '../../../src/protocol/peer-priority.js'
import { Node, Post, plainInfo, tryJoin } from '../support/joined-engines.js'

const info = plainInfo(4)

/** Other peers in the order of their priority for `node`, the lowest first. */
function othersOf(node: Node, post: Post, count: number): Node[] {
  const rank = (address: PeerAddress) => peerPriority(node.address, address) ?? 0
  return Array.from({ length: count }, () => new Node({ post, info })).sort(
    (a, b) => rank(a.address) - rank(b.address),
  )
}

const hostsOf = (node: Node) => [...node.torrent.peers].map(({ introduction }) => introduction.address.host)

test('where all places are taken a new peer of higher priority replaces the lowest, another is refused', () => {
  const post = new Post()
  const node = new Node({ post, info, maxPeers: 3 })
  const [lowest, low, middle, high, highest] = othersOf(node, post, 5) as [Node, Node, Node, Node, Node]
  for (const other of [middle, high, low]) assert.ok(tryJoin(other, node))
  post.settle()
  assert.equal(tryJoin(lowest, node), undefined)
  assert.ok(tryJoin(highest, node))
  assert.deepEqual(
    hostsOf(node),
    [middle, high, highest].map(({ address }) => address.host),
  )
  assert.deepEqual(
    node.closed.map(({ reason }) => reason),
    ['replaced'],
  )
  assert.equal(tryJoin(low, node), undefined)
})

test('the same where the session has no place', () => {
  const post = new Post()
  let hasPlace = true
  const node = new Node({ post, info, hasPlace: () => hasPlace })
  const [low, middle, high] = othersOf(node, post, 3) as [Node, Node, Node]
  assert.ok(tryJoin(middle, node))
  post.settle()
  hasPlace = false
  assert.equal(tryJoin(low, node), undefined)
  assert.ok(tryJoin(high, node))
  assert.deepEqual(hostsOf(node), [high.address.host])
})

test('a peer that exchanges blocks with us keeps its place', () => {
  const post = new Post()
  const node = new Node({ post, info, maxPeers: 1 })
  const [low, high] = othersOf(node, post, 2) as [Node, Node]
  const busy = tryJoin(low, node)?.b
  post.settle()
  busy?.received.add(16_384, post.now)
  post.advance(1_000)
  node.torrent.onSecond()
  assert.equal(tryJoin(high, node), undefined)
  post.advance(60_000)
  node.torrent.onSecond()
  assert.ok(tryJoin(high, node))
})

test('no peer is replaced while none has told us our own address', () => {
  const post = new Post()
  const node = new Node({ post, info, maxPeers: 1 })
  const [low, high] = othersOf(node, post, 2) as [Node, Node]
  assert.ok(tryJoin(low, node))
  assert.equal(tryJoin(high, node), undefined)
})
