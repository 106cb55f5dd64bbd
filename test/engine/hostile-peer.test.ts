// A peer that sends any message in any order and state: the engine's books stay right, and the download goes on.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Peer } from '../../src/engine/peer.js'
import { BLOCK_LENGTH } from '../../src/protocol/metainfo/metainfo.js'
import { encodeDontHave } from '../../src/protocol/peer/dont-have.js'
import { ExtensionId } from '../../src/protocol/peer/extension-ids.js'
import { join, Node, Post, plainInfo } from './support/joined-engines.js'
import { runUntil } from './support/run-until.js'

const PIECES = 20

interface Setup {
  readonly post: Post
  readonly leecher: Node
  /** The hostile peer, as the leecher knows it. */
  readonly peer: Peer
}

type Deed = (setup: Setup) => void

const piece = fc.oneof(
  { weight: 9, arbitrary: fc.nat({ max: PIECES - 1 }) },
  { weight: 1, arbitrary: fc.integer({ min: PIECES, max: 2 ** 32 - 1 }) },
)
const validPiece = fc.nat({ max: PIECES - 1 })
const offset = fc.oneof(
  { weight: 9, arbitrary: fc.nat({ max: 4 }).map(block => block * BLOCK_LENGTH) },
  { weight: 1, arbitrary: fc.nat() },
)
const block = fc.tuple(piece, offset)

function said(say: (peer: Peer) => void): Deed {
  return ({ peer }) => say(peer)
}

/** Delivers a block as a connection would. */
function send({ leecher, peer }: Setup, at: number, from: number, length: number, isGood: boolean): void {
  if (leecher.torrent.peers.has(peer)) leecher.receive(peer, at, from, length, isGood)
}

const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.constantFrom(
    said(peer => peer.choke()),
    said(peer => peer.unchoke()),
    said(peer => peer.interested()),
    said(peer => peer.notInterested()),
    said(peer => peer.haveAll()),
    said(peer => peer.haveNone()),
  ),
  validPiece.map(at => said(peer => peer.have(at))),
  validPiece.map(at => said(peer => peer.allowedFast(at))),
  fc
    .uint8Array({ minLength: 2, maxLength: 2 })
    .map(bits => said(peer => peer.bitfield(Uint8Array.of(...bits, 0xf0)))),
  validPiece.map(at => said(peer => peer.extended(ExtensionId.lt_donthave, encodeDontHave(at)))),
  fc.boolean().map(is => said(peer => peer.extended(ExtensionId.upload_only, Uint8Array.of(is ? 1 : 0)))),
  fc
    .tuple(fc.constantFrom(...Object.values(ExtensionId)), fc.uint8Array({ maxLength: 12 }))
    .map(([id, payload]) => said(peer => peer.extended(id, payload))),
  block.map(([at, from]) => said(peer => peer.request(at, from, BLOCK_LENGTH))),
  block.map(([at, from]) => said(peer => peer.cancel(at, from, BLOCK_LENGTH))),
  block.map(([at, from]) => said(peer => peer.reject(at, from))),
  // Requested blocks, good or bad.
  {
    weight: 4,
    arbitrary: fc.boolean().map(
      (isGood): Deed =>
        setup => {
          const { requests } = setup.peer.ledger
          if (requests.length === 0) return
          const [at, number] = [requests.pieceAt(0), requests.blockAt(0)]
          send(setup, at, number * BLOCK_LENGTH, BLOCK_LENGTH, isGood)
        },
    ),
  },
  fc.nat({ max: 20 }).map(
    (back): Deed =>
      ({ peer }) => {
        const position = peer.ledger.requests.length - 1 - back
        if (position >= 0)
          peer.reject(
            peer.ledger.requests.pieceAt(position),
            peer.ledger.requests.blockAt(position) * BLOCK_LENGTH,
          )
      },
  ),
  {
    weight: 1,
    arbitrary: block.map(
      ([at, from]) =>
        (setup: Setup) =>
          send(setup, at, from, BLOCK_LENGTH, false),
    ),
  },
  fc.integer({ min: 1, max: 45 }).map(
    (seconds): Deed =>
      ({ post, leecher }) => {
        for (let second = 0; second < seconds; second++) {
          post.advance(1_000)
          leecher.torrent.onSecond()
        }
      },
  ),
)

function checkBooks({ leecher, peer }: Setup): void {
  const { peers, have, downloader } = leecher.torrent
  assert.ok(peer.ledger.takenBack.count <= 8_192)
  assert.ok(peer.uploadQueue.length <= 2_000)
  assert.ok(downloader.wastedBytes <= downloader.received.total)
  for (const each of peers) {
    assert.equal(each.lackingCount, each.pieces.countWithout(have))
    assert.equal(each.isWanted, each.lackingCount > 0)
    assert.ok(each.ledger.requests.awaitedCount <= Math.max(each.window.size, each.ledger.requests.length))
  }
}

for (const fast of [true, false]) {
  test(`whatever a peer does, ${fast ? 'with' : 'without'} the fast extension`, () => {
    fc.assert(
      fc.property(fc.array(deed, { minLength: 1, maxLength: 80 }), fc.boolean(), (deeds, hasOther) => {
        const post = new Post()
        const info = plainInfo(PIECES)
        const leecher = new Node({ post, info, pick: 'rarest' })
        const seed = new Node({ post, info, isSeed: true, faults: { delayMs: 500, blockMs: 200 } })
        const hostile = new Node({ post, info })
        const { a: peer } = join(leecher, hostile, { fast })
        if (hasOther) join(leecher, seed, { fast })
        const setup: Setup = { post, leecher, peer }
        for (const act of deeds) {
          // As with a socket: nothing comes from a connection that has ended.
          if (leecher.torrent.peers.has(peer)) act(setup)
          leecher.torrent.downloader.endTurn(peer)
          checkBooks(setup)
        }
        if (!hasOther) join(leecher, seed, { fast })
        runUntil(post, [seed, leecher], () => leecher.isCompleted, 600)
        assert.equal(
          leecher.torrent.downloader.received.total - leecher.torrent.downloader.wastedBytes,
          info.size,
        )
      }),
      { numRuns: 300, includeErrorInReport: true },
    )
  })
}
