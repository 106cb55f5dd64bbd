// BEP 6: `have all` or `have none` comes once, before anything else, since each costs time for all pieces. A bitfield costs the
// sender as much time by its length, and may come again.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Peer } from '../../src/engine/peer.js'
import { join, Node, Post, plainInfo } from './support/joined-engines.js'

const PIECES = 16

const OPENINGS: Record<string, (peer: Peer) => void> = {
  'have all': peer => peer.haveAll(),
  'have none': peer => peer.haveNone(),
  bitfield: peer => peer.bitfield(Uint8Array.of(0xf0, 0)),
}

function setUp(): { leecher: Node; peer: Peer } {
  const post = new Post()
  const info = plainInfo(PIECES)
  const leecher = new Node({ post, info })
  // The other side sends nothing but the test's messages.
  const { a: peer } = join(leecher, new Node({ post, info }))
  return { leecher, peer }
}

for (const [first, sayFirst] of Object.entries(OPENINGS)) {
  for (const [second, saySecond] of Object.entries(OPENINGS)) {
    if (second === 'bitfield') continue
    test(`${second} after ${first} is a breach`, () => {
      const { leecher, peer } = setUp()
      sayFirst(peer)
      assert.ok(leecher.torrent.peers.has(peer))
      saySecond(peer)
      assert.ok(!leecher.torrent.peers.has(peer))
      assert.deepEqual(
        leecher.closed.map(({ reason }) => reason),
        ['protocol-error'],
      )
    })
  }
}

test('a later bitfield adds to the pieces of the peer, as aria2 sends it instead of many haves', () => {
  const { leecher, peer } = setUp()
  const { availability } = leecher.torrent.picker.pickable
  peer.haveNone()
  peer.have(9)
  peer.bitfield(Uint8Array.of(0xf0, 0))
  assert.deepEqual([...peer.pieces], [0, 1, 2, 3, 9])
  assert.equal(peer.lackingCount, 5)
  peer.bitfield(Uint8Array.of(0x0f, 0))
  assert.deepEqual([...peer.pieces], [0, 1, 2, 3, 4, 5, 6, 7, 9], 'no piece is removed')
  assert.equal(availability.of(0), 1)
  peer.bitfield(Uint8Array.of(0xff, 0xff))
  assert.equal(peer.isSeed, true)
  assert.equal(availability.seeds, 1)
  assert.ok(leecher.torrent.peers.has(peer))
  leecher.torrent.removePeer(peer)
  assert.deepEqual([availability.seeds, availability.of(0), availability.of(9)], [0, 0, 0])
})

test('pieces that were announced one by one are added to those of the bitfield, as aria2 announces them', () => {
  const { leecher, peer } = setUp()
  peer.have(9)
  peer.bitfield(Uint8Array.of(0xf0, 0))
  assert.deepEqual([...peer.pieces], [0, 1, 2, 3, 9])
  assert.equal(peer.lackingCount, 5)
  const { availability } = leecher.torrent.picker.pickable
  assert.deepEqual(
    [0, 3, 4, 9].map(piece => availability.of(piece)),
    [1, 1, 0, 1],
  )
  leecher.torrent.removePeer(peer)
  assert.deepEqual(
    [0, 3, 4, 9].map(piece => availability.of(piece)),
    [0, 0, 0, 0],
  )
})

test('single pieces, then all: the peer is a seed, and counted once', () => {
  const { leecher, peer } = setUp()
  peer.have(9)
  peer.haveAll()
  assert.equal(peer.isSeed, true)
  assert.equal(leecher.torrent.picker.pickable.availability.seeds, 1)
  assert.equal(leecher.torrent.picker.pickable.availability.of(9), 1)
})
