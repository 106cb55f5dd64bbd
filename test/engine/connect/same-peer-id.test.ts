// Peers that use the same peer id.

import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Node, Post, plainInfo, tryJoin } from '../support/joined-engines.js'

const info = plainInfo(4)
const SEED_ID = new Uint8Array(20).fill(250)

/** No block comes before the end of the test, so that nothing else ends a connection. */
const SLOW = { blockMs: 1_000_000 }

function setUp() {
  const post = new Post()
  const leecher = new Node({ post, info })
  const seed = new Node({ post, info, isSeed: true, peerId: SEED_ID, faults: SLOW })
  const impostor = (host?: string) =>
    new Node({ post, info, peerId: SEED_ID, ...(host !== undefined && { host }) })
  return { post, leecher, seed, impostor }
}

describe('a peer that uses the peer id of another one', () => {
  for (const [how, from, to] of [
    ['dials us', 'impostor', 'leecher'],
    ['is dialled', 'leecher', 'impostor'],
  ] as const) {
    it(`from another address, and ${how}, does not replace it`, () => {
      const { post, leecher, seed, impostor } = setUp()
      assert.ok(tryJoin(leecher, seed))
      post.settle()
      const nodes = { leecher, impostor: impostor() }
      tryJoin(nodes[from], nodes[to])
      const hosts = [...leecher.torrent.peers].map(({ introduction }) => introduction.address.host)
      assert.equal(hosts[0], seed.address.host)
      assert.equal(leecher.closed.length, 0)
    })
  }

  it('from another address, and first, does not keep it out', () => {
    const { leecher, seed, impostor } = setUp()
    assert.ok(tryJoin(impostor(), leecher))
    assert.ok(tryJoin(leecher, seed))
    assert.equal(leecher.torrent.peers.size, 2)
  })

  it('from the same address does not replace it once blocks have come', () => {
    const { post, leecher, seed, impostor } = setUp()
    const joined = tryJoin(leecher, seed)
    joined?.a.received.add(16_384, post.now)
    assert.equal(tryJoin(impostor(seed.address.host), leecher), undefined)
    assert.deepEqual([...leecher.torrent.peers], [joined?.a])
  })

  it('from the same address does not replace it after ten seconds', () => {
    const { post, leecher, seed, impostor } = setUp()
    const joined = tryJoin(leecher, seed)
    post.advance(11_000)
    assert.equal(tryJoin(impostor(seed.address.host), leecher), undefined)
    assert.deepEqual([...leecher.torrent.peers], [joined?.a])
  })
})

it('of two connections that two peers began at the same time, both keep the one that the greater peer id began', () => {
  const post = new Post()
  const low = new Node({ post, info, peerId: new Uint8Array(20).fill(1) })
  const high = new Node({ post, info, peerId: new Uint8Array(20).fill(2) })
  assert.ok(tryJoin(low, high))
  assert.ok(tryJoin(high, low))
  for (const node of [low, high]) assert.equal(node.torrent.peers.size, 1)
  assert.ok([...high.torrent.peers].every(({ introduction }) => introduction.isOutgoing))
})
