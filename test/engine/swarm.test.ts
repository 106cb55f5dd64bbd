import assert from 'node:assert/strict'
import { test } from 'node:test'
import { join, Node, Post, plainInfo } from './support/joined-engines.js'
import { runUntil } from './support/run-until.js'

for (const fast of [true, false]) {
  for (const pick of ['random', 'rarest', 'sequential'] as const) {
    test(`a leecher gets everything from a seed, ${pick}, ${fast ? 'with' : 'without'} the fast extension`, () => {
      const post = new Post()
      const info = plainInfo(40)
      const seed = new Node({ post, info, isSeed: true })
      const leecher = new Node({ post, info, pick })
      join(leecher, seed, { fast })
      runUntil(post, [seed, leecher], () => leecher.isCompleted)
      assert.equal(leecher.torrent.downloader.wastedBytes, 0)
      assert.equal(leecher.blocks, 40 * 4)
    })
  }
}

test('leechers exchange pieces: the seed sends less than all copies', () => {
  const post = new Post()
  const info = plainInfo(100)
  const seed = new Node({ post, info, isSeed: true })
  const leechers = Array.from({ length: 6 }, () => new Node({ post, info }))
  for (const leecher of leechers) join(leecher, seed)
  leechers.forEach((leecher, i) => {
    for (const other of leechers.slice(i + 1)) join(leecher, other)
  })
  runUntil(post, [seed, ...leechers], () => leechers.every(leecher => leecher.isCompleted))
  assert.ok(seed.torrent.uploader.sent.total < 6 * info.size)
  const given = leechers.reduce((sum, leecher) => sum + leecher.torrent.uploader.sent.total, 0)
  assert.ok(given > 0)
})

test('two seeds disconnect, and so do a leecher that completes and its seed', () => {
  const post = new Post()
  const info = plainInfo(4)
  const seed = new Node({ post, info, isSeed: true })
  const leecher = new Node({ post, info })
  join(leecher, seed)
  runUntil(post, [seed, leecher], () => leecher.isCompleted)
  post.settle()
  assert.equal(leecher.torrent.peers.size, 0)
  assert.equal(seed.torrent.peers.size, 0)
  assert.ok([...leecher.closed, ...seed.closed].some(({ reason }) => reason === 'nothing-to-share'))
})

test('a peer whose piece is bad is banned, and the piece comes from another', () => {
  const post = new Post()
  const info = plainInfo(20)
  const liar = new Node({ post, info, isSeed: true, faults: { lie: 1 } })
  const seed = new Node({ post, info, isSeed: true })
  const leecher = new Node({ post, info })
  join(leecher, liar)
  post.settle()
  join(leecher, seed)
  runUntil(post, [liar, seed, leecher], () => leecher.isCompleted)
  assert.deepEqual(leecher.banned, [liar.address])
  assert.throws(() => join(liar, leecher), /not accepted/)
})

test('a peer that goes silent is snubbed, and others get its blocks', () => {
  const post = new Post()
  const info = plainInfo(10)
  const seed = new Node({ post, info, isSeed: true })
  const silent = new Node({ post, info, isSeed: true })
  const leecher = new Node({ post, info })
  const { a: peer, b: asker } = join(leecher, silent)
  // It takes requests and answers none.
  asker.request = () => {}
  post.settle()
  assert.ok(peer.ledger.requests.length > 0)
  for (let second = 0; second < 40; second++) {
    post.now += 1_000
    leecher.torrent.onSecond()
  }
  assert.equal(peer.isSnubbed, true)
  assert.equal(peer.window.size, 1)
  join(leecher, seed)
  runUntil(post, [seed, leecher], () => leecher.isCompleted)
})

test('a choked leecher begins with its allowed-fast pieces', () => {
  const post = new Post()
  const info = plainInfo(100)
  const seed = new Node({ post, info, isSeed: true })
  const leecher = new Node({ post, info })
  const { b: asker } = join(leecher, seed)
  // Its interest goes unnoticed, so it is never unchoked.
  asker.interested = () => {}
  post.settle()
  assert.equal(leecher.torrent.have.count, 10)
})

test('a leecher that is choked in the middle of a piece gets the rest of it, and no more', () => {
  const post = new Post()
  // More than its turn at the seed's one slot: twenty pieces.
  const info = plainInfo(100, 8 * 16_384)
  const upload = { slots: 1 }
  const seed = new Node({ post, info, isSeed: true, upload, faults: { blockMs: 700 } })
  const [first, second] = [new Node({ post, info }), new Node({ post, info })]
  const { a: peer, b: asker } = join(first, seed)
  runUntil(post, [seed, first], () => !peer.isChoking)
  join(second, seed)
  let blocks = 0
  runUntil(post, [seed, first, second], () => {
    if (!asker.isChoked) blocks = first.blocks
    return asker.isChoked
  })
  const left = 8 - (asker.uploadQueue.begun?.served ?? 0)
  assert.ok(left > 0 && left < 8, 'its turn did not end in the middle of a piece')
  post.advance(10_000)
  assert.equal(peer.isChoking, true)
  assert.equal(first.torrent.have.count * 8, first.blocks)
  assert.ok(first.blocks <= blocks + 8 && peer.ledger.requests.length === 0)
})

test('pieces that a peer rejects are requested from others', () => {
  const post = new Post()
  const info = plainInfo(10)
  const grudger = new Node({ post, info, isSeed: true })
  const seed = new Node({ post, info, isSeed: true })
  const leecher = new Node({ post, info })
  const { b: asker } = join(leecher, grudger)
  asker.request = (piece, offset, length) => asker.link.reject(piece, offset, length)
  post.settle()
  assert.equal(leecher.torrent.have.count, 0)
  join(leecher, seed)
  runUntil(post, [seed, leecher], () => leecher.isCompleted)
})

test('a block that was not requested ends the connection', () => {
  const post = new Post()
  const info = plainInfo(10)
  const leecher = new Node({ post, info })
  const { a: peer } = join(leecher, new Node({ post, info, isSeed: true }))
  leecher.receive(peer, 3, 16_384, 16_384, true)
  assert.equal(leecher.closed[0]?.reason, 'unasked-block')
  assert.equal(leecher.torrent.peers.size, 0)
})

const VIOLATIONS: [name: string, say: (peer: ReturnType<typeof join>['a']) => void][] = [
  ['have of a piece that does not exist', peer => peer.have(10)],
  ['bitfield with spare bits', peer => peer.bitfield(Uint8Array.of(0xff, 0xff))],
  ['request beyond the piece', peer => peer.request(0, 65_536, 16_384)],
  ['request of nothing', peer => peer.request(0, 0, 0)],
  ['request of a megabyte', peer => peer.request(0, 0, 2 ** 20)],
  ['allowed-fast of a piece that does not exist', peer => peer.allowedFast(10)],
  ['peer exchange that is no bencode', peer => peer.extended(1, Uint8Array.of(1, 2))],
]

for (const [name, say] of VIOLATIONS) {
  test(`ends the connection: ${name}`, () => {
    const post = new Post()
    const info = plainInfo(10)
    const seed = new Node({ post, info, isSeed: true })
    const { b: peer } = join(new Node({ post, info }), seed)
    peer.haveNone()
    say(peer)
    assert.equal(seed.closed[0]?.reason, 'protocol-error')
  })
}

test('a bitfield that comes behind a have adds to it', () => {
  const post = new Post()
  const info = plainInfo(10)
  const node = new Node({ post, info, pick: 'rarest' })
  const { a: peer } = join(node, new Node({ post, info }), { fast: false })
  peer.have(3)
  peer.bitfield(Uint8Array.of(0x30, 0x40))
  assert.deepEqual([...peer.pieces], [2, 3, 9])
  assert.equal(peer.lackingCount, 3)
})

test('of two connections between the same two peers both sides keep the same one', () => {
  const post = new Post()
  const info = plainInfo(10)
  const a = new Node({ post, info })
  const b = new Node({ post, info })
  const link = () => ({ close: () => {}, extended: () => {}, haveNone: () => {} }) as never
  const features = { fast: true, extensions: true, v2: false }
  const introduce = (to: Node, from: Node, isOutgoing: boolean) =>
    to.torrent.addPeer({
      address: from.address,
      peerId: from.peerId,
      isOutgoing,
      features,
      isV2: false,
      link: link(),
    })
  // b has the greater id: the connection that b began is kept, whatever the order.
  assert.ok(introduce(a, b, true))
  assert.ok(introduce(a, b, false))
  assert.ok(introduce(b, a, true))
  assert.equal(introduce(b, a, false), undefined)
  assert.deepEqual(
    [...a.torrent.peers].map(peer => peer.introduction.isOutgoing),
    [false],
  )
  assert.deepEqual(
    [...b.torrent.peers].map(peer => peer.introduction.isOutgoing),
    [true],
  )
})

test('requests are dropped by a choke, with a reject each under the fast extension', () => {
  const post = new Post()
  const info = plainInfo(10)
  const seed = new Node({ post, info, isSeed: true })
  const leecher = new Node({ post, info })
  const { a: peer } = join(leecher, seed)
  post.settle()
  const requests = peer.ledger.requests.length
  peer.choke()
  assert.equal(peer.ledger.requests.length, requests)
  const plain = new Node({ post, info })
  const { a: plainPeer } = join(plain, new Node({ post, info, isSeed: true }), { fast: false })
  plainPeer.choke()
  assert.equal(plainPeer.ledger.requests.length, 0)
})
