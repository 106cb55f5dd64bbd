// BEP 52: missing layers come from peers.

import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { toHex } from '../../../src/base/bytes.js'
import { nodeDigests } from '../../../src/client/digests.js'
import { PieceHashes } from '../../../src/protocol/metainfo/piece-hashes.js'
import type { HashMessage } from '../../../src/protocol/peer/hash-messages.js'
import { rootOfPieceLayer } from '../../support/in-one-go.js'
import { join, Node, Post, plainInfo, v2Info } from '../support/joined-engines.js'
import { runUntil } from '../support/run-until.js'

const PIECE_LENGTH = 65_536

/** A v2 torrent of one file with any layer: the engines do not look at the data. */
function v2(pieceCount: number) {
  const layer = randomBytes(32 * pieceCount)
  const piecesRoot = rootOfPieceLayer(layer, PIECE_LENGTH, nodeDigests)
  const info = v2Info(pieceCount, PIECE_LENGTH, piecesRoot)
  const known = () => new PieceHashes(info, new Map([[toHex(piecesRoot), layer]]))
  const unknown = () => new PieceHashes(info, new Map())
  return {
    info,
    piecesRoot,
    layer,
    known,
    unknown,
    layeredFiles: [{ length: info.size, piecesRoot, firstPiece: 0 }],
  }
}

for (const pieceCount of [2, 3, 512, 513, 1_300]) {
  test(`a layer of ${pieceCount} pieces is fetched, proven, and lets the download begin`, () => {
    const post = new Post()
    const { info, known, unknown, layeredFiles, piecesRoot, layer } = v2(pieceCount)
    const seed = new Node({ post, info, hashes: known(), layeredFiles, isSeed: true })
    const hashes = unknown()
    const leecher = new Node({ post, info, hashes, layeredFiles })
    join(leecher, seed, { isV2: true })
    post.settle()
    assert.deepEqual(hashes.layer(piecesRoot), new Uint8Array(layer))
    assert.equal(leecher.torrent.hashExchange?.isComplete, true)
    for (let second = 0; second < 300 && !leecher.isCompleted; second++) {
      post.now += 1_000
      leecher.torrent.onSecond()
      seed.torrent.onSecond()
      post.settle()
    }
    assert.equal(leecher.isCompleted, true)
  })
}

test('no piece is requested while its hash is not known', () => {
  const post = new Post()
  const { info, unknown, layeredFiles } = v2(10)
  const leecher = new Node({ post, info, hashes: unknown(), layeredFiles })
  // A v1 connection has no hash messages.
  const { a: peer } = join(leecher, new Node({ post, info, hashes: unknown(), layeredFiles, isSeed: true }))
  post.settle()
  assert.equal(peer.ledger.requests.length, 0)
})

test('a peer that rejects is not asked again, another is', () => {
  const post = new Post()
  const { info, known, unknown, layeredFiles } = v2(10)
  const ignorant = new Node({ post, info, hashes: unknown(), layeredFiles, isSeed: true })
  const leecher = new Node({ post, info, hashes: unknown(), layeredFiles })
  join(leecher, ignorant, { isV2: true })
  post.settle()
  assert.equal(leecher.torrent.hashExchange?.isComplete, false)
  join(leecher, new Node({ post, info, hashes: known(), layeredFiles, isSeed: true }), { isV2: true })
  post.settle()
  assert.equal(leecher.torrent.hashExchange?.isComplete, true)
})

test('hashes that do not lead to the root end the connection', () => {
  const post = new Post()
  const { info, known, unknown, layeredFiles } = v2(10)
  const seed = new Node({ post, info, hashes: known(), layeredFiles, isSeed: true })
  const leecher = new Node({ post, info, hashes: unknown(), layeredFiles })
  const { a: peer } = join(leecher, seed, { isV2: true })
  const honest = peer.hashes.bind(peer)
  peer.hashes = (message, hashes) => {
    hashes[5]! ^= 1
    honest(message, hashes)
  }
  post.settle()
  assert.equal(leecher.closed[0]?.reason, 'protocol-error')
  assert.equal(leecher.torrent.hashExchange?.isComplete, false)
})

test('a peer that does not answer within ten seconds is given up', () => {
  const post = new Post()
  const { info, known, unknown, layeredFiles } = v2(10)
  const leecher = new Node({ post, info, hashes: unknown(), layeredFiles })
  const silent = new Node({ post, info, hashes: known(), layeredFiles, isSeed: true })
  const { b: asker } = join(leecher, silent, { isV2: true })
  asker.hashRequest = () => {}
  post.settle()
  join(leecher, new Node({ post, info, hashes: known(), layeredFiles, isSeed: true }), { isV2: true })
  post.settle()
  assert.equal(leecher.torrent.hashExchange?.isComplete, false)
  for (let second = 0; second < 11; second++) {
    post.now += 1_000
    leecher.torrent.onSecond()
    post.settle()
  }
  assert.equal(leecher.torrent.hashExchange?.isComplete, true)
})

test('a lone peer that rejects, or is slow once, is asked again', () => {
  const post = new Post()
  const { info, known, unknown, layeredFiles } = v2(10)
  const leecher = new Node({ post, info, hashes: unknown(), layeredFiles })
  const seed = new Node({ post, info, hashes: known(), layeredFiles, isSeed: true })
  const { b: asker } = join(leecher, seed, { isV2: true })
  const hashRequest = asker.hashRequest.bind(asker)
  let refusals = 0
  asker.hashRequest = message => {
    if (refusals++ === 0) asker.link.hashReject(message)
    else if (refusals > 2) hashRequest(message)
  }
  runUntil(post, [seed, leecher], () => leecher.isCompleted, 120)
  assert.equal(refusals, 3)
})

test('hashes that come late are taken, whichever peer is asked by then', () => {
  const post = new Post()
  const { info, known, unknown, layeredFiles } = v2(10)
  const leecher = new Node({ post, info, hashes: unknown(), layeredFiles })
  const slow = new Node({ post, info, hashes: known(), layeredFiles, isSeed: true })
  const { b: asker } = join(leecher, slow, { isV2: true })
  const hashRequest = asker.hashRequest.bind(asker)
  let answerLate = () => {}
  asker.hashRequest = message => {
    answerLate = () => hashRequest(message)
  }
  runUntil(post, [slow, leecher], () => post.now >= 15_000)
  answerLate()
  post.settle()
  assert.equal(leecher.torrent.hashExchange?.isComplete, true)
})

test('a peer that does not read the answers to its hash requests gets rejects', () => {
  const post = new Post()
  const { info, known, layeredFiles, piecesRoot } = v2(1_024)
  const seed = new Node({ post, info, hashes: known(), layeredFiles, isSeed: true })
  const { b: peer } = join(new Node({ post, info, hashes: known(), layeredFiles }), seed, { isV2: true })
  let answers = 0
  let rejects = 0
  let waitingBytes = 0
  Object.defineProperty(peer.link, 'waitingBytes', { get: () => waitingBytes })
  Object.assign(peer.link, {
    hashes: (_: HashMessage, hashes: Uint8Array) => {
      answers++
      waitingBytes += hashes.length
    },
    hashReject: () => rejects++,
  })
  for (let i = 0; i < 1_000; i++) {
    peer.hashRequest({ piecesRoot, baseLayer: 2, index: 0, length: 1_024, proofLayers: 0 })
  }
  assert.ok(answers > 10 && waitingBytes < 4 * 2 ** 20, `${waitingBytes} bytes wait`)
  assert.equal(answers + rejects, 1_000)
})

test('a request for hashes is rejected where no file has any', () => {
  const post = new Post()
  const info = plainInfo(1)
  const seed = new Node({ post, info, isSeed: true })
  const { b: peer } = join(new Node({ post, info }), seed, { isV2: true })
  let rejects = 0
  Object.assign(peer.link, { hashReject: () => rejects++ })
  peer.hashRequest({ piecesRoot: new Uint8Array(32), baseLayer: 0, index: 0, length: 2, proofLayers: 0 })
  assert.equal(rejects, 1)
})
