// BEP 19: a web server as a source of blocks.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FakeWebServer } from '../support/fake-web-server.js'
import { join, Node, Post, plainInfo } from '../support/joined-engines.js'

const PIECES = 40
/** Of 64 KiB. */
const BLOCKS = 4

function setUp(pieces = PIECES) {
  const post = new Post()
  const info = plainInfo(pieces)
  const leecher = new Node({ post, info })
  /** Lets seconds pass, with what a second makes the engine do. */
  const pass = (seconds: number) => {
    for (let second = 0; second < seconds; second++) {
      post.advance(1_000)
      leecher.torrent.onSecond()
    }
  }
  return { post, info, leecher, pass, server: new FakeWebServer(leecher) }
}

test('a web server is asked for runs of whole pieces, in one request each, until all is there', () => {
  const { leecher, server, pass } = setUp()
  assert.equal(server.ranges.length, 1)
  for (let second = 0; second < 100 && !leecher.isCompleted; second++) {
    server.send(20)
    pass(1)
  }
  assert.ok(leecher.isCompleted)
  assert.ok(server.ranges.length < PIECES / 2, `${server.ranges.length} requests`)
  for (const [, block, blocks] of server.ranges) assert.deepEqual([block, blocks % BLOCKS], [0, 0])
  assert.equal(leecher.torrent.downloader.wastedBytes, 0)
  assert.equal(server.ends.length, 0)
})

test('the next range is requested before the last block of the one before has come', () => {
  const { server } = setUp()
  const first = server.waiting
  server.send(first - 1)
  assert.ok(server.ranges.length > 1)
  assert.ok(server.waiting > 1)
})

test('a peer that has nothing else to do takes over the end of what was requested', () => {
  const { post, info, leecher, server } = setUp(4)
  const requested = server.waiting
  assert.equal(requested, 4 * BLOCKS)
  server.send(1)
  join(leecher, new Node({ post, info, isSeed: true }))
  post.advance(1_000)
  // All but the piece that is arriving, whose blocks are requested twice; then nothing is of use in the stream.
  assert.ok(leecher.isCompleted)
  assert.equal(server.waiting, 0)
  assert.ok(server.ends.length > 1)
  assert.deepEqual(leecher.banned, [])
})

test('a server that never answers delays nothing: its pieces are fetched from peers', () => {
  const { post, info, leecher, server, pass } = setUp()
  join(leecher, new Node({ post, info, isSeed: true }))
  pass(2)
  assert.ok(leecher.isCompleted)
  assert.equal(server.seed.ledger.received.total, 0)
  assert.equal(leecher.torrent.downloader.wastedBytes, 0)
  assert.equal(server.waiting, 0)
})

test('a server that falls silent gives back what it was asked for, and is asked again later and later', () => {
  const { leecher, server, pass } = setUp()
  server.send(1)
  pass(31)
  assert.equal(server.waiting, 0)
  assert.equal(server.seed.ledger.requests.length, 0)
  assert.equal(leecher.torrent.downloader.wastedBytes, 0)
  const waits: number[] = []
  for (let attempt = 0; attempt < 3; attempt++) {
    let seconds = 0
    for (; server.waiting === 0 && seconds < 100; seconds++) pass(1)
    waits.push(seconds)
    server.seed.failed()
  }
  assert.ok(waits[0]! <= 5 && waits[1]! === 10 && waits[2]! === 20, waits.join(', '))
})

test('a request that failed does not keep blocks from peers', () => {
  const { post, info, leecher, server } = setUp(4)
  server.send(2)
  server.seed.failed()
  join(leecher, new Node({ post, info, isSeed: true }))
  post.advance(1_000)
  assert.ok(leecher.isCompleted)
  assert.equal(leecher.torrent.downloader.wastedBytes, 0)
})

test('a server is banned for one bad piece, and no peer with it', () => {
  const { post, info, leecher, server } = setUp()
  server.send(BLOCKS, false)
  assert.equal(server.closed, 'banned')
  assert.equal(leecher.torrent.webSeeds.size, 0)
  assert.ok(server.seed.contributor.isBanned)
  join(leecher, new Node({ post, info, isSeed: true }))
  post.advance(1_000)
  assert.ok(leecher.isCompleted)
  assert.deepEqual(leecher.banned, [])
})

test('a piece that a server and a peer sent together bans the one whose blocks were bad', () => {
  const { post, info, leecher, server, pass } = setUp(1)
  server.send(2, false)
  join(leecher, new Node({ post, info, isSeed: true }))
  server.seed.failed()
  pass(20)
  assert.ok(leecher.isCompleted)
  assert.equal(server.closed, 'banned')
  assert.deepEqual(leecher.banned, [])
})

test('nothing is requested of a server that was removed', () => {
  const { leecher, server, pass } = setUp()
  const { length } = server.ranges
  leecher.torrent.webSeeds.remove(server.seed)
  pass(5)
  assert.equal(server.ranges.length, length)
  assert.equal(leecher.torrent.picker.isEndgame, false)
})
