// A download from many slow peers is as fast as all of them together.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Bitfield } from '../../src/base/bitfield.js'
import { SeededRandom } from '../../src/base/random.js'
import { nodeDigests } from '../../src/client/digests.js'
import { WantedPieces } from '../../src/engine/pick/wanted-pieces.js'
import { Torrent } from '../../src/engine/torrent.js'
import type { PeerLink, TorrentWorld } from '../../src/engine/world.js'
import { PieceHashes } from '../../src/protocol/metainfo/piece-hashes.js'
import { PieceMap } from '../../src/protocol/metainfo/piece-map.js'
import { plainInfo } from './support/joined-engines.js'

const PEERS = 50
/** Each sends a block of 16 KiB in this time: 200 KiB/s. */
const BLOCK_MS = 80
const LATENCY_MS = 100
const SECONDS = 60
const PIECES = 16_384

/** The far end of a link: it answers requests one by one, at its own speed. */
class SlowSeed {
  readonly #asked: { piece: number; offset: number; length: number; at: number }[] = []
  readonly #now: () => number
  sent = 0

  constructor(now: () => number) {
    this.#now = now
  }

  /** Other messages are discarded. */
  readonly link = new Proxy({} as PeerLink, {
    get: (_, name) => {
      if (name === 'waitingBytes') return 0
      if (name !== 'request') return () => {}
      return (piece: number, offset: number, length: number) =>
        this.#asked.push({ piece, offset, length, at: this.#now() + LATENCY_MS })
    },
  })

  take(): { piece: number; offset: number; length: number } | undefined {
    const first = this.#asked[0]
    if (first === undefined || first.at > this.#now()) return undefined
    this.sent++
    return this.#asked.shift()
  }
}

for (const pick of ['random', 'rarest', 'sequential'] as const) {
  test(`fifty slow peers are all kept busy, ${pick}`, () => {
    let now = 0
    const info = plainInfo(PIECES)
    const random = new SeededRandom(1)
    const nothing = () => {}
    const world: TorrentWorld = {
      random,
      now: () => now,
      mayConnect: () => false,
      hasPlace: () => true,
      connect: nothing,
      digestBlocks: nothing,
      workInTurns: nothing,
      discardPiece: nothing,
      completed: nothing,
      onBanned: nothing,
    }
    const torrent = new Torrent(
      {
        infoHash: new Uint8Array(20),
        peerId: new Uint8Array(20),
        map: new PieceMap(info),
        hashes: new PieceHashes(info, new Map()),
        layeredFiles: [],
        wanted: new WantedPieces(new Bitfield(PIECES)),
        pick,
        digests: nodeDigests,
        maxPeers: 200,
        client: 'test',
        exchangesPeers: true,
        listenPort: 6881,
      },
      world,
    )
    const seeds = Array.from({ length: PEERS }, (_, index) => {
      const seed = new SlowSeed(() => now)
      const peer = torrent.addPeer({
        address: { host: `10.0.0.${index}`, port: 6881 },
        peerId: new Uint8Array(20).fill(index + 1),
        isOutgoing: false,
        features: { fast: true, extensions: true, v2: false },
        isV2: false,
        link: seed.link,
      })
      assert.ok(peer)
      peer.haveAll()
      peer.unchoke()
      return { seed, peer }
    })
    const blocks = new Map<number, number>()
    for (; now < SECONDS * 1_000; now += BLOCK_MS) {
      for (const { seed, peer } of seeds) {
        const block = seed.take()
        if (block === undefined) continue
        const { piece, offset, length } = block
        assert.equal(torrent.downloader.expectsBlock(peer, piece, offset, length), 'wanted')
        torrent.downloader.blockReceived(peer, piece, offset, length)
        const count = (blocks.get(piece) ?? 0) + 1
        blocks.set(piece, count)
        if (count === torrent.map.blockCount(piece)) torrent.downloader.pieceHashed(piece, true)
        torrent.downloader.endTurn(peer)
      }
      if (now % 1_000 < BLOCK_MS) torrent.onSecond()
    }
    assert.equal(torrent.wanted.isDone, false)
    const possible = (SECONDS * 1_000) / BLOCK_MS
    for (const { seed } of seeds)
      assert.ok(seed.sent >= 0.95 * possible, `${seed.sent} of ${possible} blocks`)
    assert.equal(torrent.downloader.wastedBytes, 0)
  })
}
