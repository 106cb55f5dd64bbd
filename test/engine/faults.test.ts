// Peers that misbehave in one way at a time: the download goes on, and no requests repeat without end.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_REFUSED_PIECES, REFUSAL_MS, SNUB_MS } from '../../src/engine/limits.js'
import { BLOCK_LENGTH } from '../../src/protocol/metainfo/metainfo.js'
import { join, Node, Post, plainInfo } from './support/joined-engines.js'
import { runUntil } from './support/run-until.js'

const SNUB_SECONDS = SNUB_MS / 1_000

test('a peer that rejects a piece sends others meanwhile, and is asked for it again later', () => {
  const post = new Post()
  const info = plainInfo(10)
  const seed = new Node({ post, info, isSeed: true })
  const leecher = new Node({ post, info })
  const { b: asker } = join(leecher, seed)
  const request = asker.request.bind(asker)
  let refused = 0
  asker.request = (piece, offset, length) => {
    if (piece !== 3 || post.now >= REFUSAL_MS) request(piece, offset, length)
    else {
      refused++
      asker.link.reject(piece, offset, length)
    }
  }
  post.settle()
  assert.equal(leecher.torrent.have.count, 9)
  // No more than were under way when the first was rejected.
  assert.ok(refused <= 4, `asked ${refused} times`)
  runUntil(post, [seed, leecher], () => leecher.isCompleted)
})

test('a peer that rejects everything, as some do before they choke, is not dropped', () => {
  const post = new Post()
  const info = plainInfo(2 * MAX_REFUSED_PIECES, BLOCK_LENGTH)
  const seed = new Node({ post, info, isSeed: true })
  const leecher = new Node({ post, info })
  const { a: peer, b: asker } = join(leecher, seed)
  const request = asker.request.bind(asker)
  asker.request = (piece, offset, length) => asker.link.reject(piece, offset, length)
  runUntil(post, [seed, leecher], () => post.now >= 3 * REFUSAL_MS)
  assert.ok(leecher.torrent.peers.has(peer))
  assert.equal(peer.contributor.breaches, 0)
  asker.request = request
  runUntil(post, [seed, leecher], () => leecher.isCompleted)
})

test('a piece that was allowed and then rejected is not requested again and again', () => {
  const post = new Post()
  const info = plainInfo(100)
  const leecher = new Node({ post, info })
  const { a: peer, b: asker } = join(leecher, new Node({ post, info, isSeed: true }))
  asker.interested = () => {}
  let requests = 0
  asker.request = (piece, offset, length) => {
    requests++
    asker.link.reject(piece, offset, length)
  }
  post.settle()
  assert.ok(requests > 0 && requests <= 10 * 4, `asked ${requests} times`)
  assert.equal(peer.isChoking, true)
  assert.equal(peer.mayBeAsked, false)
})

test('a suspect is asked where the only other peer that has the piece rejects it', () => {
  const post = new Post()
  const info = plainInfo(1)
  const one = new Node({ post, info, isSeed: true })
  const two = new Node({ post, info, isSeed: true })
  const leecher = new Node({ post, info })
  const first = join(leecher, one)
  const second = join(leecher, two)
  // Both have a part in the first copy, which is bad.
  const queue: (() => void)[] = []
  for (const { b: asker } of [first, second]) {
    const request = asker.request.bind(asker)
    asker.request = (...block) => void queue.push(() => request(...block))
  }
  post.settle()
  Object.assign(one.faults, { lie: 1 })
  for (const serve of queue.splice(0)) serve()
  post.settle()
  Object.assign(one.faults, { lie: 0 })
  const grudger = new Node({ post, info, isSeed: true })
  const { b: asker } = join(leecher, grudger)
  asker.request = (piece, offset, length) => asker.link.reject(piece, offset, length)
  const serveAll = () => {
    for (const serve of queue.splice(0)) serve()
    return leecher.isCompleted
  }
  runUntil(post, [one, two, grudger, leecher], serveAll, 60)
})

test('requests that a lone peer lost are made again', () => {
  const post = new Post()
  const info = plainInfo(10)
  const seed = new Node({ post, info, isSeed: true })
  const leecher = new Node({ post, info })
  const { a: peer, b: asker } = join(leecher, seed, { fast: false })
  const request = asker.request.bind(asker)
  let lost = 0
  asker.request = (...block) => {
    if (lost++ >= 5) request(...block)
  }
  runUntil(post, [seed, leecher], () => leecher.isCompleted, 5 * SNUB_SECONDS)
  assert.equal(peer.ledger.requests.length, 0)
})

test('a snubbed peer that comes back gets its former window, whatever it had lost', () => {
  const post = new Post()
  const info = plainInfo(400)
  const seed = new Node({ post, info, isSeed: true, faults: { delayMs: 20, blockMs: 5 } })
  const leecher = new Node({ post, info, faults: { delayMs: 20 } })
  const { a: peer, b: asker } = join(leecher, seed, { fast: false })
  runUntil(post, [seed, leecher], () => peer.ledger.requests.length > 100)
  const request = asker.request.bind(asker)
  // All waiting requests are lost, and those of now, too.
  asker.uploadQueue.removeUnless(() => false)
  asker.request = () => {}
  runUntil(post, [seed, leecher], () => peer.isSnubbed)
  asker.request = request
  runUntil(post, [seed, leecher], () => peer.ledger.requests.awaitedCount > 100, 2 * SNUB_SECONDS)
  runUntil(post, [seed, leecher], () => leecher.isCompleted)
})

test('blocks that arrive after a choke are late, not unrequested', () => {
  const post = new Post()
  const info = plainInfo(10)
  const leecher = new Node({ post, info })
  const { a: peer, b: asker } = join(leecher, new Node({ post, info, isSeed: true }), { fast: false })
  asker.request = () => {}
  post.settle()
  const piece = peer.ledger.requests.pieceAt(0)
  const offset = peer.ledger.requests.blockAt(0) * BLOCK_LENGTH
  peer.choke()
  leecher.receive(peer, piece, offset, BLOCK_LENGTH, true)
  assert.ok(leecher.torrent.peers.has(peer))
})

test('a choked peer that allows some pieces costs no search through all pieces', () => {
  const post = new Post()
  const info = plainInfo(100_000)
  const leecher = new Node({ post, info })
  const { a: peer, b: asker } = join(leecher, new Node({ post, info, isSeed: true }))
  asker.interested = () => {}
  post.settle()
  let looks = 0
  Object.defineProperty(peer, 'mayAskFor', { value: () => void looks++ })
  leecher.torrent.downloader.requestMore(peer)
  assert.ok(looks <= 64, `looked at ${looks} pieces`)
})

test('a liar is banned though it says where it listens between its blocks and their verdict', () => {
  const post = new Post()
  const info = plainInfo(1)
  const liar = new Node({ post, info, isSeed: true, faults: { lie: 1 } })
  const leecher = new Node({ post, info })
  const { b: peer } = join(liar, leecher)
  const extended = peer.extended.bind(peer)
  let handshake: Uint8Array | undefined
  peer.extended = (_, payload) => {
    handshake = payload
  }
  const receive = leecher.receive.bind(leecher)
  leecher.receive = (...block) => {
    if (handshake !== undefined && leecher.blocks === 3) extended(0, handshake)
    receive(...block)
  }
  runUntil(post, [liar, leecher], () => leecher.banned.length > 0)
  assert.throws(() => join(liar, leecher), /not accepted/)
})

test('a liar that has left when its piece turns out bad is not let in again', () => {
  const post = new Post()
  const info = plainInfo(1)
  const liar = new Node({ post, info, isSeed: true, faults: { lie: 1 } })
  const seed = new Node({ post, info, isSeed: true })
  const leecher = new Node({ post, info })
  const { b: peer } = join(liar, leecher)
  const { downloader } = leecher.torrent
  const pieceHashed = downloader.pieceHashed.bind(downloader)
  downloader.pieceHashed = (...verdict) => {
    leecher.torrent.removePeer(peer)
    pieceHashed(...verdict)
  }
  runUntil(post, [liar, leecher], () => leecher.banned.length > 0)
  downloader.pieceHashed = pieceHashed
  assert.throws(() => join(liar, leecher), /not accepted/)
  join(leecher, seed)
  runUntil(post, [seed, leecher], () => leecher.isCompleted)
})

test('of two suspects the one that sent more good pieces is asked first', () => {
  const post = new Post()
  const info = plainInfo(8)
  const seed = new Node({ post, info, isSeed: true, faults: { blockMs: 10 } })
  const liar = new Node({ post, info, isSeed: true, faults: { blockMs: 30 } })
  const leecher = new Node({ post, info })
  join(leecher, liar)
  join(leecher, seed)
  // It begins to send bad blocks when they share the last pieces.
  runUntil(post, [seed, liar, leecher], () => {
    if (leecher.torrent.picker.isEndgame) Object.assign(liar.faults, { lie: 1 })
    return leecher.isCompleted
  })
  assert.ok(!leecher.banned.some(({ host }) => host === seed.address.host))
})

test('a suspect piece that its one peer does not finish is shared after a minute', () => {
  const post = new Post()
  const info = plainInfo(1, 64 * BLOCK_LENGTH)
  const one = new Node({ post, info, isSeed: true, faults: { lie: 1, blockMs: 50 } })
  const two = new Node({ post, info, isSeed: true, faults: { blockMs: 50 } })
  const leecher = new Node({ post, info })
  const slow = join(leecher, one)
  const fast = join(leecher, two)
  runUntil(post, [one, two, leecher], () => leecher.torrent.downloader.wastedBytes > 0)
  assert.deepEqual(leecher.banned, [])
  fast.cut()
  Object.assign(one.faults, { lie: 0, blockMs: 20_000 })
  runUntil(post, [one, two, leecher], () => slow.a.ledger.requests.length > 0)
  join(leecher, new Node({ post, info, isSeed: true }))
  runUntil(post, [one, two, leecher], () => leecher.isCompleted, 120)
})

test('a seed that completed does not dial other seeds again', () => {
  const post = new Post()
  const info = plainInfo(4)
  const seed = new Node({ post, info, isSeed: true })
  const leecher = new Node({ post, info, dial: from => void join(from, seed) })
  leecher.torrent.addCandidates([seed.address], 'tracker')
  runUntil(post, [seed, leecher], () => leecher.isCompleted)
  runUntil(post, [seed, leecher], () => post.now > 3_600_000, 3_700)
  assert.equal(leecher.dials.length, 1)
})

test('a peer at the host of a banned one is dropped with it', () => {
  const post = new Post()
  const info = plainInfo(20)
  const liar = new Node({ post, info, isSeed: true, faults: { lie: 1 } })
  const twin = new Node({ post, info })
  Object.assign(twin, { address: { host: liar.address.host, port: 7000 } })
  const leecher = new Node({ post, info })
  join(leecher, twin)
  join(leecher, liar)
  runUntil(post, [liar, twin, leecher], () => leecher.banned.length > 0)
  assert.equal(leecher.torrent.peers.size, 0)
})
