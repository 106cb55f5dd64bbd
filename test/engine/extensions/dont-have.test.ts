import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeDontHave } from '../../../src/protocol/peer/dont-have.js'
import { ExtensionId } from '../../../src/protocol/peer/extension-ids.js'
import { join, Node, Post, plainInfo } from '../support/joined-engines.js'
import { runUntil } from '../support/run-until.js'

const PIECES = 6
const info = plainInfo(PIECES)
const say = (peer: { extended(id: number, payload: Uint8Array): void }, piece: number) =>
  peer.extended(ExtensionId.lt_donthave, encodeDontHave(piece))

test('a seed that loses a piece is a seed no more, and can become one again', () => {
  const post = new Post()
  const [leecher, seed] = [new Node({ post, info, pick: 'rarest' }), new Node({ post, info, isSeed: true })]
  const { a: peer } = join(leecher, seed)
  // Only the messages at the beginning: it has everything.
  peer.haveAll()
  assert.ok(peer.isSeed)
  say(peer, 2)
  assert.equal(peer.isSeed, false)
  assert.equal(peer.lackingCount, PIECES - 1)
  say(peer, 2)
  assert.equal(peer.lackingCount, PIECES - 1)
  peer.have(2)
  assert.ok(peer.isSeed)
  assert.equal(peer.lackingCount, PIECES)
})

test('a peer that loses all that we lack is of no interest', () => {
  const post = new Post()
  const [leecher, other] = [new Node({ post, info }), new Node({ post, info })]
  const { a: peer } = join(leecher, other)
  peer.have(1)
  assert.equal(peer.isWanted, true)
  say(peer, 1)
  assert.equal(peer.isWanted, false)
})

test('availability falls with it: a piece that only one peer has left is the rarest', () => {
  const post = new Post()
  const leecher = new Node({ post, info, pick: 'rarest' })
  const peers = Array.from({ length: 3 }, () => join(leecher, new Node({ post, info })).a)
  for (const peer of peers) peer.bitfield(Uint8Array.of(0xfc))
  // All are seeds by now, and are not counted; then none is, and only one peer has piece 4.
  for (const [index, peer] of peers.entries()) say(peer, index === 0 ? 0 : 4)
  peers[0]!.unchoke()
  assert.equal(peers[0]!.ledger.requests.pieceAt(0), 4)
})

for (const fast of [true, false]) {
  test(`requests for it, ${fast ? 'with the fast extension: each is rejected' : 'without the fast extension: they are dropped'}`, () => {
    const post = new Post()
    const [leecher, other] = [new Node({ post, info }), new Node({ post, info })]
    const { a: peer } = join(leecher, other, { fast })
    peer.have(3)
    peer.unchoke()
    const asked = peer.ledger.requests.length
    assert.ok(asked > 0)
    say(peer, 3)
    assert.equal(peer.ledger.requests.length, fast ? asked : 0)
    assert.equal(peer.current, undefined)
    if (fast) for (let block = 0; block < asked; block++) peer.reject(3, block * 16_384)
    assert.equal(peer.ledger.requests.length, 0)
    // A block that was under way is no breach.
    if (!fast) leecher.receive(peer, 3, 0, 16_384, true)
    assert.ok(leecher.torrent.peers.has(peer))
    // Another peer sends us all of it.
    const seed = new Node({ post, info, isSeed: true })
    join(leecher, seed)
    runUntil(post, [leecher, seed], () => leecher.isCompleted)
  })
}

test('an index beyond the last piece, or a message that is too short, is a breach of the protocol', () => {
  for (const payload of [encodeDontHave(PIECES), new Uint8Array(3)]) {
    const post = new Post()
    const [leecher, other] = [new Node({ post, info }), new Node({ post, info })]
    join(leecher, other).a.extended(ExtensionId.lt_donthave, payload)
    assert.deepEqual(
      leecher.closed.map(({ reason }) => reason),
      ['protocol-error'],
    )
  }
})

test('a piece that cannot be read: peers are told, new ones are not offered it, and after ten minutes it is offered again', () => {
  const post = new Post()
  const seed = new Node({ post, info, isSeed: true, faults: { forget: 1 } })
  const leecher = new Node({ post, info })
  const { a: seedThere, b: peer } = join(leecher, seed)
  post.settle()
  seed.torrent.onUnreadable(peer, { piece: 5, offset: 0, length: 16_384 })
  seed.torrent.onUnreadable(peer, { piece: 5, offset: 16_384, length: 16_384 })
  post.settle()
  assert.equal(seedThere.pieces.has(5), false)
  const late = new Node({ post, info })
  const { a: seenLate } = join(late, seed)
  post.settle()
  assert.deepEqual([...seenLate.pieces], [0, 1, 2, 3, 4])
  for (let second = 0; second < 601; second++) {
    post.advance(1_000)
    seed.torrent.onSecond()
  }
  assert.ok(seedThere.pieces.has(5))
  assert.ok(seenLate.isSeed)
})

test('a super-seeding seeder does not offer the piece to peers that were shown others', () => {
  const post = new Post()
  const info = plainInfo(40)
  const seed = new Node({ post, info, isSeed: true, upload: { superSeed: true }, faults: { forget: 1 } })
  const leecher = new Node({ post, info })
  const { a: seedThere, b: peer } = join(leecher, seed)
  post.settle()
  const shown = [...seedThere.pieces]
  const hidden = Array.from({ length: 40 }, (_, piece) => piece).find(piece => !shown.includes(piece)) ?? 0
  seed.torrent.onUnreadable(peer, { piece: hidden, offset: 0, length: 16_384 })
  for (let second = 0; second < 601; second++) {
    post.advance(1_000)
    seed.torrent.onSecond()
  }
  assert.ok(seed.torrent.uploader.isHidden)
  assert.equal(seedThere.pieces.has(hidden), false)
})
