// Work that a peer can cause again and again by messages of a few bytes.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Peer } from '../../src/engine/peer.js'
import { BLOCK_LENGTH } from '../../src/protocol/metainfo/metainfo.js'
import { ExtensionId } from '../../src/protocol/peer/extension-ids.js'
import { encodeHolePunch } from '../../src/protocol/peer/hole-punch.js'
import { join, Node, Post, plainInfo } from './support/joined-engines.js'

const PIECES = 64
const MANY = 10_000

/** A seeder and a peer that wants everything; the seeder's messages to it are counted by kind. */
function setUp() {
  const post = new Post()
  const info = plainInfo(PIECES)
  const seeder = new Node({ post, info, isSeed: true })
  const { b: peer } = join(new Node({ post, info }), seeder)
  const said = { unchoke: 0, choke: 0, reject: 0, extended: 0 }
  peer.link.unchoke = () => said.unchoke++
  peer.link.choke = () => said.choke++
  peer.link.reject = () => said.reject++
  peer.link.extended = () => said.extended++
  peer.link.uploadsWaiting = () => {}
  return { post, seeder, peer, said, isHere: () => seeder.torrent.peers.has(peer) }
}

/** Repeats until the peer is dropped, at most `count` times. */
function repeat(isHere: () => boolean, act: (count: number) => void): number {
  let count = 0
  for (; count < MANY && isHere(); count++) act(count)
  return count
}

test('a change of interest is acted on at once ten times, then four times a second', () => {
  const { post, seeder, peer, said, isHere } = setUp()
  assert.equal(
    repeat(isHere, count => (count % 2 === 0 ? peer.interested() : peer.notInterested())),
    MANY,
  )
  assert.deepEqual([said.unchoke, said.choke], [5, 5])
  post.now += 1_000
  seeder.torrent.onSecond()
  assert.equal(peer.isChoked, true)
  peer.interested()
  assert.equal(peer.isChoked, false)
})

const FRUITLESS: Record<string, (peer: Peer, count: number) => void> = {
  'requests of a choked peer': (peer, count) => peer.request(20 + (count % 40), 0, BLOCK_LENGTH),
  'requests that are taken back': (peer, count) => {
    if (count === 0) peer.interested()
    peer.request(count % PIECES, 0, BLOCK_LENGTH)
    peer.cancel(count % PIECES, 0, BLOCK_LENGTH)
  },
}

for (const [what, act] of Object.entries(FRUITLESS)) {
  test(`${what}: answered 4,000 times at once, and then a breach`, () => {
    const { seeder, peer, said, isHere } = setUp()
    peer.allowedFastByUs = new Set()
    assert.equal(
      repeat(isHere, count => act(peer, count)),
      4_001,
    )
    assert.equal(said.reject, 4_000)
    assert.deepEqual(
      seeder.closed.map(({ reason }) => reason),
      ['protocol-error'],
    )
  })
}

test('a hundred of them a second are answered without end', () => {
  const { post, peer, isHere } = setUp()
  peer.allowedFastByUs = new Set()
  for (let i = 0; i < MANY; i++) {
    post.now += 10
    peer.request(i % PIECES, 0, BLOCK_LENGTH)
  }
  assert.ok(isHere())
})

test('refused hole punches count as such requests, too', () => {
  const { peer, said, isHere } = setUp()
  const rendezvous = encodeHolePunch({ type: 'rendezvous', address: { host: '10.0.0.1', port: 1 } })!
  peer.extensionIds.set('ut_holepunch', 9)
  repeat(isHere, () => peer.extended(ExtensionId.ut_holepunch, rendezvous))
  assert.equal(said.extended, 4_000)
  assert.ok(!isHere())
})

test('extension handshakes: twenty at once, and one more each ten seconds', () => {
  const { post, peer, isHere } = setUp()
  const empty = new TextEncoder().encode('de')
  for (let i = 0; i < 100; i++) {
    post.now += 10_000
    peer.extended(0, empty)
  }
  assert.ok(isHere())
  assert.equal(
    repeat(isHere, () => peer.extended(0, empty)),
    21 - 1,
  )
})

test('a request that waits already is not queued again, and a cancel removes it', () => {
  const { peer } = setUp()
  peer.interested()
  for (let i = 0; i < MANY; i++) peer.request(0, 0, BLOCK_LENGTH)
  assert.equal(peer.uploadQueue.length, 1)
  peer.cancel(0, 0, BLOCK_LENGTH)
  assert.equal(peer.uploadQueue.length, 0)
})
