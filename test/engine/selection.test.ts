// Some of the pieces are not wanted.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ExtensionId } from '../../src/protocol/peer/extension-ids.js'
import { join, Node, Post, plainInfo } from './support/joined-engines.js'
import { runUntil } from './support/run-until.js'

function priorities(count: number, priorityOf: (piece: number) => number): Uint8Array {
  return Uint8Array.from({ length: count }, (_, piece) => priorityOf(piece))
}

test('only what is wanted is fetched, and then the interest is over', () => {
  const post = new Post()
  const info = plainInfo(20)
  const seed = new Node({ post, info, isSeed: true })
  const leecher = new Node({ post, info })
  leecher.torrent.prioritize(priorities(20, piece => (piece < 5 ? 4 : 0)))
  const { a: peer } = join(leecher, seed)
  runUntil(post, [seed, leecher], () => leecher.isCompleted)
  assert.deepEqual([...leecher.torrent.have], [0, 1, 2, 3, 4])
  assert.equal(leecher.blocks, 5 * 4)
  assert.equal(peer.isWanted, false)
})

test('a download goes on when more is wanted later', () => {
  const post = new Post()
  const info = plainInfo(20)
  const partial = new Node({ post, info })
  const leecher = new Node({ post, info })
  const seed = new Node({ post, info, isSeed: true })
  leecher.torrent.prioritize(priorities(20, piece => piece % 2))
  join(leecher, seed)
  join(leecher, partial)
  runUntil(post, [seed, leecher, partial], () => leecher.isCompleted)
  assert.equal(leecher.torrent.have.count, 10)
  leecher.isCompleted = false
  leecher.torrent.prioritize(priorities(20, () => 4))
  join(leecher, seed)
  runUntil(post, [seed, leecher, partial], () => leecher.isCompleted)
  assert.equal(leecher.torrent.have.isFull, true)
})

test('a choice in the middle of a download leaves nothing asked for that is not finished', () => {
  const post = new Post()
  const info = plainInfo(40)
  const seed = new Node({ post, info, isSeed: true, faults: { delayMs: 20, blockMs: 10 } })
  const leecher = new Node({ post, info, faults: { delayMs: 20 } })
  join(leecher, seed)
  runUntil(post, [seed, leecher], () => leecher.torrent.have.count >= 5)
  leecher.torrent.prioritize(priorities(40, piece => (piece < 20 ? 0 : 4)))
  runUntil(post, [seed, leecher], () => leecher.isCompleted)
  assert.equal(leecher.torrent.wanted.isDone, true)
  for (let piece = 20; piece < 40; piece++) assert.ok(leecher.torrent.have.has(piece))
  assert.equal(leecher.torrent.downloader.wastedBytes, 0)
})

test('a torrent is completed when the missing pieces are no longer wanted', () => {
  const post = new Post()
  const info = plainInfo(10)
  const leecher = new Node({ post, info })
  leecher.torrent.prioritize(priorities(10, () => 0))
  assert.equal(leecher.isCompleted, true)
})

/** Pieces of a torrent whose priorities are set in five steps, and a sixth that ends it. */
const MANY = 5 * 8_192

const CHOICES: { title: string; first: number; second: number; completions: number }[] = [
  { title: 'nothing, and nothing again', first: 0, second: 0, completions: 1 },
  { title: 'nothing, and everything', first: 0, second: 4, completions: 0 },
  { title: 'everything, and nothing', first: 4, second: 0, completions: 1 },
]

for (const { title, first, second, completions } of CHOICES) {
  for (let steps = 0; steps < 7; steps++) {
    test(`a choice is replaced while it is made, after ${steps} steps: ${title}`, () => {
      const post = new Post()
      const leecher = new Node({ post, info: plainInfo(MANY) })
      leecher.workInSteps = []
      leecher.torrent.prioritize(priorities(MANY, () => first))
      for (let step = 0; step < steps; step++) leecher.doWork()
      const before = leecher.completions
      leecher.torrent.prioritize(priorities(MANY, () => second))
      while (leecher.doWork());
      const isDoneBefore = before > 0 && second === 0
      assert.equal(leecher.completions - before, isDoneBefore ? 0 : completions)
      assert.equal(leecher.torrent.wanted.isDone, second === 0)
    })
  }
}

test('while a choice is made that leaves something to fetch no peer is told that nothing is wanted any more', () => {
  const post = new Post()
  const info = plainInfo(MANY)
  const seed = new Node({ post, info, isSeed: true })
  const leecher = new Node({ post, info })
  // Of all pieces the last is wanted; then, instead of it, the first.
  leecher.torrent.prioritize(priorities(MANY, piece => (piece === MANY - 1 ? 4 : 0)))
  const { a: peer } = join(leecher, seed)
  leecher.workInSteps = []
  leecher.torrent.prioritize(priorities(MANY, piece => (piece === 0 ? 4 : 0)))
  while (leecher.doWork()) {
    peer.have(1)
    peer.extended(ExtensionId.upload_only, Uint8Array.of(1))
    assert.ok(leecher.torrent.peers.has(peer))
  }
  assert.equal(leecher.completions, 0)
  runUntil(post, [seed, leecher], () => leecher.isCompleted)
  assert.deepEqual([...leecher.torrent.have], [0])
})
