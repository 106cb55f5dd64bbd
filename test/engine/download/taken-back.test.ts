// Blocks that come although their requests were taken back: bounded, of no use, and counted for no source.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Peer } from '../../../src/engine/peer.js'
import { BLOCK_LENGTH } from '../../../src/protocol/metainfo/metainfo.js'
import { join, Node, Post, plainInfo } from '../support/joined-engines.js'

const PIECES = 400

/** A leecher, and a peer without the fast extension that says it has everything. */
function setUp(): { leecher: Node; peer: Peer } {
  const post = new Post()
  const info = plainInfo(PIECES)
  const leecher = new Node({ post, info })
  const { a: peer } = join(leecher, new Node({ post, info }), { fast: false })
  peer.bitfield(new Uint8Array(PIECES / 8).fill(0xff))
  return { leecher, peer }
}

/** The block that was asked for first. */
function firstRequest(peer: Peer): { piece: number; offset: number } {
  return { piece: peer.ledger.requests.pieceAt(0), offset: peer.ledger.requests.blockAt(0) * BLOCK_LENGTH }
}

test('a block that was requested before a choke may come once, and counts neither as received nor for its peer', () => {
  const { leecher, peer } = setUp()
  peer.unchoke()
  const { piece, offset } = firstRequest(peer)
  peer.choke()
  leecher.receive(peer, piece, offset, BLOCK_LENGTH, true)
  const { downloader, peers } = leecher.torrent
  assert.deepEqual([downloader.received.total, peer.received.total, downloader.wastedBytes], [0, 0, 0])
  assert.equal(downloader.lateBytes, BLOCK_LENGTH)
  assert.ok(peers.has(peer))
  leecher.receive(peer, piece, offset, BLOCK_LENGTH, true)
  assert.ok(!peers.has(peer), 'it came a second time')
})

test('a choke does not allow blocks that were never requested', () => {
  const { leecher, peer } = setUp()
  peer.unchoke()
  const asked = firstRequest(peer)
  peer.choke()
  leecher.receive(peer, (asked.piece + 1) % PIECES, asked.offset, BLOCK_LENGTH, true)
  assert.deepEqual(
    leecher.closed.map(({ reason }) => reason),
    ['unasked-block'],
  )
})

test('a peer that sends nothing but blocks that were taken back is dropped after two windows of them', () => {
  const { leecher, peer } = setUp()
  const { downloader, peers } = leecher.torrent
  let blocks = 0
  while (peers.has(peer) && blocks < 10_000) {
    peer.unchoke()
    const { piece, offset } = firstRequest(peer)
    peer.choke()
    leecher.receive(peer, piece, offset, BLOCK_LENGTH, true)
    blocks++
  }
  assert.equal(blocks, 1_001)
  assert.equal(downloader.received.total, 0)
  assert.deepEqual(
    leecher.closed.map(({ reason }) => reason),
    ['unasked-block'],
  )
})

test('a peer whose blocks are of use may go on sending late ones', () => {
  const { leecher, peer } = setUp()
  const { peers } = leecher.torrent
  for (let i = 0; i < 1_100; i++) {
    peer.unchoke()
    const useful = firstRequest(peer)
    leecher.receive(peer, useful.piece, useful.offset, BLOCK_LENGTH, true)
    const late = firstRequest(peer)
    peer.choke()
    leecher.receive(peer, late.piece, late.offset, BLOCK_LENGTH, true)
    leecher.torrent.downloader.endTurn(peer)
  }
  assert.ok(peers.has(peer))
  assert.equal(leecher.torrent.downloader.lateBytes, 1_100 * BLOCK_LENGTH)
})

test('a peer that chokes and unchokes for nothing is asked for two blocks each time', () => {
  const { leecher, peer } = setUp()
  peer.unchoke()
  for (let i = 0; i < 20; i++) {
    const { piece, offset } = firstRequest(peer)
    leecher.receive(peer, piece, offset, BLOCK_LENGTH, true)
    leecher.torrent.downloader.endTurn(peer)
  }
  assert.ok(peer.ledger.requests.length > 10)
  peer.choke()
  peer.unchoke()
  peer.choke()
  let requests = 0
  peer.link.request = () => requests++
  for (let i = 0; i < 100; i++) {
    peer.unchoke()
    peer.choke()
  }
  assert.ok(requests <= 200, `${requests} requests`)
})

test('rejects of blocks that were never requested are a breach, after some that may be due to timing', () => {
  const post = new Post()
  const info = plainInfo(PIECES)
  const leecher = new Node({ post, info })
  const { a: peer } = join(leecher, new Node({ post, info }))
  let count = 0
  for (; leecher.torrent.peers.has(peer) && count < 10_000; count++) peer.reject(count % PIECES, 0)
  assert.equal(count, 513)
})
