// BEP 52: hashes of single blocks are served, and tell at once which block of a bad piece is bad.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toHex } from '../../../src/base/bytes.js'
import { nodeDigests } from '../../../src/client/digests.js'
import { requestForBlocks, verifyHashes } from '../../../src/protocol/hash-proof.js'
import { pieceLayerHeight, rootOfLeaves } from '../../../src/protocol/merkle.js'
import { BLOCK_LENGTH } from '../../../src/protocol/metainfo/metainfo.js'
import { PieceHashes } from '../../../src/protocol/metainfo/piece-hashes.js'
import type { HashMessage } from '../../../src/protocol/peer/hash-messages.js'
import { rootOfPieceLayer } from '../../support/in-one-go.js'
import { hostOf, join, Node, type NodeOptions, Post, v2Info } from '../support/joined-engines.js'
import { runUntil } from '../support/run-until.js'

const BLOCKS = 8
const PIECES = 2
const PIECE_LENGTH = BLOCKS * BLOCK_LENGTH

/** A good block has a digest of zeros in these engines, and so have all leaves of the torrent. */
const LEAVES = new Uint8Array(32 * BLOCKS)
const LAYER = new Uint8Array(32 * PIECES)
for (let piece = 0; piece < PIECES; piece++) {
  LAYER.set(rootOfLeaves(LEAVES, nodeDigests, pieceLayerHeight(PIECE_LENGTH)), 32 * piece)
}
const PIECES_ROOT = rootOfPieceLayer(LAYER, PIECE_LENGTH, nodeDigests)

const INFO = v2Info(PIECES, PIECE_LENGTH, PIECES_ROOT)
const FILE = { length: INFO.size, piecesRoot: PIECES_ROOT, firstPiece: 0 }

function node(post: Post, options: Partial<NodeOptions> = {}): Node {
  const hashes = new PieceHashes(INFO, new Map([[toHex(PIECES_ROOT), LAYER]]))
  return new Node({ post, info: INFO, hashes, layeredFiles: [FILE], ...options })
}

function requestFor(piece: number): HashMessage {
  return { ...requestForBlocks(FILE, piece, PIECE_LENGTH), piecesRoot: PIECES_ROOT }
}

/** The answers to a peer's hash requests. */
function answersTo(peer: ReturnType<typeof join>['b']) {
  const answers = { hashes: [] as Uint8Array[], rejects: 0 }
  peer.link.hashes = (_, hashes) => void answers.hashes.push(hashes)
  peer.link.hashReject = () => void answers.rejects++
  return answers
}

test('the hashes of the blocks of a piece are served, with their proof', () => {
  const post = new Post()
  const seed = node(post, { isSeed: true })
  const { b: peer } = join(node(post), seed, { isV2: true })
  const answers = answersTo(peer)
  peer.hashRequest(requestFor(1))
  post.settle()
  const [hashes = new Uint8Array()] = answers.hashes
  assert.deepEqual(verifyHashes(requestFor(1), hashes, FILE, nodeDigests), LEAVES)
})

test('one piece of each peer is hashed at a time, and two in all: further requests are rejected', () => {
  const post = new Post()
  // So slow that no peer is complete, and dropped, before the end.
  const seed = node(post, { isSeed: true, faults: { blockMs: 60_000 } })
  const peers = [1, 2, 3].map(() => join(node(post), seed, { isV2: true }).b)
  const answers = peers.map(answersTo)
  for (const peer of peers) for (const piece of [0, 1]) peer.hashRequest(requestFor(piece))
  post.settle()
  assert.deepEqual(
    answers.map(({ hashes, rejects }) => [hashes.length, rejects]),
    [
      [1, 1],
      [1, 1],
      [0, 2],
    ],
  )
  peers[2]!.hashRequest(requestFor(1))
  post.settle()
  assert.equal(answers[2]?.hashes.length, 1)
})

const REJECTED: [title: string, request: HashMessage][] = [
  ['of a piece that is not here', requestFor(1)],
  ['of two pieces at once', { ...requestFor(0), length: 2 * BLOCKS }],
  ['that are not aligned', { ...requestFor(0), index: 3 }],
  ['behind the end', { ...requestFor(0), index: 1_024 * BLOCKS }],
  ['of nothing', { ...requestFor(0), length: 0 }],
  ['with more proof than there are layers', { ...requestFor(0), proofLayers: 40 }],
  ['of another file', { ...requestFor(0), piecesRoot: new Uint8Array(32) }],
]
for (const [title, request] of REJECTED) {
  test(`hashes ${title} are rejected`, () => {
    const post = new Post()
    const owner = node(post)
    owner.torrent.have.add(0)
    const { b: peer } = join(node(post), owner, { isV2: true })
    const answers = answersTo(peer)
    peer.hashRequest(request)
    post.settle()
    assert.deepEqual(answers, { hashes: [], rejects: 1 })
  })
}

test('hashes of bytes that changed on the disk are not served', () => {
  const post = new Post()
  const seed = node(post, { isSeed: true })
  const { b: peer } = join(node(post), seed, { isV2: true })
  const answers = answersTo(peer)
  seed.digestBlocks = (_, use) => use(new Uint8Array(32 * BLOCKS).fill(1))
  peer.hashRequest(requestFor(1))
  post.settle()
  assert.deepEqual(answers, { hashes: [], rejects: 1 })
})

/**
 * Two honest seeds have a piece each to themselves when a liar joins, which then has a part in one of them.
 * @returns `honest`: as the leecher knows them, and as they know the leecher
 */
function withLiar() {
  const post = new Post()
  const slow = { blockMs: 500 }
  const seeds = [1, 2].map(() => node(post, { isSeed: true, faults: slow }))
  const liar = node(post, { isSeed: true, faults: { ...slow, lie: 1 } })
  const leecher = node(post)
  const all = [...seeds, liar, leecher]
  const senders = new Map<number, Set<string>>()
  const receive = leecher.receive.bind(leecher)
  leecher.receive = (peer, piece, ...block) => {
    const host = hostOf(peer)
    senders.set(piece, (senders.get(piece) ?? new Set()).add(host))
    receive(peer, piece, ...block)
  }
  const honest = seeds.map(each => join(leecher, each, { isV2: true }))
  runUntil(post, all, () => senders.size === 2)
  join(leecher, liar, { isV2: true })
  return { post, leecher, liar, all, honest, senders }
}

test('hashes from a peer that had no part in it get the liar banned before a good copy is here, and no other peer', () => {
  const { post, leecher, liar, all, senders } = withLiar()
  const onBanned = leecher.onBanned.bind(leecher)
  leecher.onBanned = address => {
    onBanned(address)
    const bad = [...senders].find(([, hosts]) => hosts.has(address.host))
    assert.ok(bad !== undefined && bad[1].size > 1, 'it had no part in a piece of others')
    assert.equal(leecher.torrent.have.has(bad[0]), false)
  }
  runUntil(post, all, () => leecher.banned.length > 0)
  assert.ok([...leecher.torrent.peers].every(({ contributor }) => !contributor.isSuspect))
  runUntil(post, all, () => leecher.isCompleted)
  assert.deepEqual(leecher.banned, [liar.address])
})

for (const [what, answers] of [
  ['reject', true],
  ['do not answer', false],
] as const) {
  test(`where the asked peers ${what}, four are asked, and the good copy tells`, () => {
    const { post, leecher, liar, all, honest } = withLiar()
    const others = Array.from({ length: 6 }, () => node(post, { isSeed: true }))
    for (const other of others) {
      const joined = join(leecher, other, { isV2: true })
      joined.b.request = (piece, offset, length) => joined.b.link.reject(piece, offset, length)
      honest.push(joined)
    }
    let asked = 0
    for (const { b: asker } of honest) {
      asker.hashRequest = message => {
        asked++
        if (answers) asker.link.hashReject(message)
      }
    }
    runUntil(post, [...all, ...others], () => leecher.banned.length > 0)
    assert.deepEqual(leecher.banned, [liar.address])
    assert.ok(asked > 0 && asked <= 4, `${asked} were asked`)
  })
}

test('a peer that sends hashes which do not lead to the root is dropped, and no peer is banned because of them', () => {
  const { post, leecher, liar, all, honest } = withLiar()
  for (const { a: asked } of honest) {
    const hashes = asked.hashes.bind(asked)
    asked.hashes = (message, bytes) => hashes(message, bytes.with(5, 1))
  }
  runUntil(post, all, () => leecher.banned.length > 0)
  assert.equal(leecher.closed[0]?.detail, 'sent hashes of blocks that do not lead to the pieces root')
  assert.deepEqual(leecher.banned, [liar.address])
})
