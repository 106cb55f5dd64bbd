// Pieces that were verified and turn out to be bad or gone, since another program changed the files.

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { join, Node, Post, plainInfo } from './support/joined-engines.js'
import { runUntil } from './support/run-until.js'

const PIECES = 6
const info = plainInfo(PIECES)

function complete() {
  const post = new Post()
  const [leecher, seed] = [new Node({ post, info }), new Node({ post, info, isSeed: true })]
  join(leecher, seed)
  runUntil(post, [leecher, seed], () => leecher.torrent.wanted.isDone)
  assert.ok(leecher.torrent.wanted.isDone)
  return { post, leecher, seed }
}

describe('pieces that were lost', () => {
  test('are wanted again, and are fetched from a seed that had gone', () => {
    const { post, leecher, seed } = complete()
    const pieces = [1, 4]
    leecher.torrent.rechecked({ good: [0], bad: pieces, isFetching: true })
    assert.deepEqual([...leecher.torrent.have], [0, 2, 3, 5])
    assert.equal(leecher.torrent.wanted.isDone, false)
    join(leecher, seed)
    runUntil(post, [leecher, seed], () => leecher.torrent.wanted.isDone)
    assert.ok(leecher.torrent.wanted.isDone)
  })

  test('are not wanted by a torrent that is only seeded; peers are told, and new ones see only the others', () => {
    const post = new Post()
    // It answers no request, so that the leecher stays one.
    const seed = new Node({ post, info, isSeed: true, faults: { forget: 1 } })
    const { b: seen } = join(seed, new Node({ post, info }))
    post.settle()
    seed.torrent.rechecked({ good: [0, 1], bad: [2, 3], isFetching: false })
    post.settle()
    assert.ok(seed.torrent.wanted.isDone)
    assert.deepEqual([...seen.pieces], [0, 1, 4, 5])
    const { b: seenLate } = join(seed, new Node({ post, info }))
    post.settle()
    assert.deepEqual([...seenLate.pieces], [0, 1, 4, 5])
  })

  test('that could not be read are offered again once they were read and are good', () => {
    const post = new Post()
    const seed = new Node({ post, info, isSeed: true, faults: { forget: 1 } })
    const { a: peer, b: seen } = join(seed, new Node({ post, info }))
    post.settle()
    seed.torrent.onUnreadable(peer, { piece: 2, offset: 0, length: 16_384 })
    post.settle()
    assert.equal(seen.pieces.has(2), false)
    seed.torrent.rechecked({ good: [2], bad: [], isFetching: false })
    post.settle()
    assert.equal(seen.pieces.has(2), true)
  })
})
