import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { UploadOptions } from '../../../../src/engine/upload/uploader.js'
import { join, Node, type NodeOptions, Post, plainInfo } from '../../support/joined-engines.js'
import { runUntil } from '../../support/run-until.js'

const LEECHERS = 12

/** Blocks take long enough that leechers help each other before the seed could send everything to all of them. */
const SLOW = { delayMs: 20, blockMs: 30 }

interface Shape {
  readonly upload?: Partial<UploadOptions>
  readonly pick?: NodeOptions['pick']
  readonly fast?: boolean
}

/** @returns how often the seed sent the content before every peer had it */
function spread({ upload = {}, pick = 'random', fast = true }: Shape): number {
  const post = new Post()
  const info = plainInfo(60)
  const seed = new Node({ post, info, isSeed: true, upload, faults: SLOW })
  const leechers = Array.from({ length: LEECHERS }, () => new Node({ post, info, pick, faults: SLOW }))
  leechers.forEach((leecher, i) => {
    join(leecher, seed, { fast })
    for (const other of leechers.slice(i + 1)) join(leecher, other, { fast })
  })
  runUntil(post, [seed, ...leechers], () => leechers.every(leecher => leecher.isCompleted))
  return seed.torrent.uploader.sent.total / info.size
}

for (const fast of [true, false]) {
  for (const pick of ['random', 'rarest', 'sequential'] as const) {
    const how = `${pick}, ${fast ? 'with' : 'without'} the fast extension`
    test(`a super-seeder looks like a leecher, and every peer gets everything: ${how}`, () => {
      assert.ok(spread({ upload: { superSeed: true }, pick, fast }) >= 1)
    })
  }
}

test('a super-seeder sends less than a usual seeder', () => {
  const shown = spread({})
  const hidden = spread({ upload: { superSeed: true } })
  assert.ok(hidden < shown, `${hidden} against ${shown}`)
})

test('one leecher alone gets everything from a super-seeder, once', () => {
  const post = new Post()
  const info = plainInfo(40)
  const seed = new Node({ post, info, isSeed: true, upload: { superSeed: true } })
  const leecher = new Node({ post, info })
  join(leecher, seed)
  runUntil(post, [seed, leecher], () => leecher.isCompleted)
  assert.equal(seed.torrent.uploader.sent.total, info.size)
})
