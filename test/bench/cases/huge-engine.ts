import { Bitfield } from '../../../src/base/bitfield.js'
import { SeededRandom } from '../../../src/base/random.js'
import { nodeDigests } from '../../../src/client/digests.js'
import type { Peer } from '../../../src/engine/peer.js'
import { Availability } from '../../../src/engine/pick/availability.js'
import { makeStrategy, type PickOrder } from '../../../src/engine/pick/make-strategy.js'
import { WantedPieces } from '../../../src/engine/pick/wanted-pieces.js'
import { Torrent } from '../../../src/engine/torrent.js'
import type { PeerLink } from '../../../src/engine/world.js'
import { BLOCK_LENGTH } from '../../../src/protocol/metainfo/metainfo.js'
import { PieceHashes } from '../../../src/protocol/metainfo/piece-hashes.js'
import { PieceMap } from '../../../src/protocol/metainfo/piece-map.js'
import { plainInfo } from '../../engine/support/joined-engines.js'
import type { BenchCase, Curve, Verdict } from '../bench-case.js'
import { median } from '../measuring/ratios.js'

const SIZE = 2 ** 40
const ORDERS: readonly PickOrder[] = ['random', 'rarest', 'sequential']
const PIECE_COUNTS = [2 ** 16, 2 ** 18, 2 ** 20]
const SHORT_PIECE_COUNTS = [2 ** 12]
const EVENTS = 50_000
const BATCHES = 20
const BITFIELDS = 5

/** A peer that has one piece of `pieceCount`. */
const RARE = 100

/** Events in a torrent of 16 times as many pieces may take this many times as long, and still count as constant. */
const CONSTANT = 2

interface Costs {
  readonly order: PickOrder
  readonly pieces: number
  /** Milliseconds until the engine stands. */
  readonly start: number
  /** Milliseconds for which a peer that comes with half of all pieces, and the next pick, hold everything else up. */
  readonly bitfield: number
  /** Microseconds each: a piece begun by a seed, and by a peer that has few; a `have`; a block asked for and received. */
  readonly pick: number
  readonly rarePick: number
  readonly have: number
  readonly block: number
}

/** What an event costs in the engine alone. */
export const HUGE_ENGINE: BenchCase = {
  name: 'huge-engine',
  title: `a torrent of 1 TiB in the engine: start and bitfield in ms, events in µs; few: the peer has one piece of ${RARE}`,
  needs: [],
  async run(bench): Promise<Curve> {
    const { isShort } = bench.options
    const counts = isShort ? SHORT_PIECE_COUNTS : PIECE_COUNTS
    // Code that has not run yet is slow.
    for (const order of ORDERS) costsOf(order, 2 ** 12, 2 ** 10)
    const costs = ORDERS.flatMap(order =>
      counts.map(pieces => costsOf(order, pieces, Math.min(EVENTS, pieces / 4))),
    )
    return {
      type: 'curve',
      columns: ['order', 'pieces', 'start', 'bitfield', 'pick', 'pick of few', 'have', 'block'],
      rows: costs.map(({ order, pieces, start, bitfield, pick, rarePick, have, block }) => [
        order,
        pieces,
        Number(start.toFixed(1)),
        Number(bitfield.toFixed(1)),
        ...[pick, rarePick, have, block].map(us => Number(us.toFixed(2))),
      ]),
      verdicts: isShort ? [] : ORDERS.flatMap(order => growthOf(costs.filter(cost => cost.order === order))),
    }
  },
}

/** Nothing may hold the event loop up for longer (ms). */
const MAX_BLOCKED_MS = 50

function growthOf(costs: readonly Costs[]): readonly Verdict[] {
  const [first, last] = [costs[0], costs.at(-1)]
  if (first === undefined || last === undefined) return []
  const growth = (['pick', 'rarePick', 'have', 'block'] as const).map(event => ({
    figure: `${event === 'rarePick' ? 'pick of few' : event} (${first.order}) with ${last.pieces / first.pieces} times the pieces`,
    value: last[event] / first[event],
    unit: '×' as const,
    bound: 'at most' as const,
    aim: CONSTANT,
  }))
  const bitfield = `bitfield of a peer (${first.order}) of ${last.pieces} pieces`
  return [
    ...growth,
    { figure: bitfield, value: last.bitfield, unit: 'ms' as const, bound: 'at most', aim: MAX_BLOCKED_MS },
  ]
}

function costsOf(order: PickOrder, pieces: number, events: number): Costs {
  const began = performance.now()
  const engine = new Engine(order, pieces)
  const start = performance.now() - began
  const random = new SeededRandom(1)

  const few = new Bitfield(pieces)
  for (let piece = 0; piece < pieces; piece += RARE) few.add(piece)
  const all = Bitfield.full(pieces)

  const haver = engine.join()
  const have = microsecondsEach(events, () => haver.have(random.below(pieces)))
  const pick = pickCost(order, pieces, all, events)
  const rarePick = pickCost(order, pieces, few, Math.min(events, Math.floor(pieces / RARE)))

  const bitfield = bitfieldCost(engine, pieces)
  const seed = engine.join()
  seed.haveAll()
  seed.unchoke()
  const block = microsecondsEach(events, () => engine.receiveNext(seed))
  return { order, pieces, start, bitfield, pick, rarePick, have, block }
}

/** The worst of some: a peer says what it has, and lets us ask for one piece of it. */
function bitfieldCost(engine: Engine, pieces: number): number {
  const bits = new Uint8Array(Math.ceil(pieces / 8)).fill(0b1010_1010)
  let worst = 0
  for (let round = 0; round < BITFIELDS; round++) {
    const peer = engine.join()
    const start = performance.now()
    peer.bitfield(bits)
    peer.unchoke()
    worst = Math.max(worst, performance.now() - start)
  }
  return worst
}

/** A piece is chosen of all that a peer has, and begun. */
function pickCost(order: PickOrder, pieces: number, offered: Bitfield, events: number): number {
  const strategy = makeStrategy(order, pieces, new Availability(pieces), new SeededRandom(2))
  for (let piece = 0; piece < pieces; piece++) strategy.add(piece)
  const accepts = () => true
  return microsecondsEach(events, () => {
    const piece = strategy.pick(offered, accepts)
    if (piece === undefined) throw new Error('no piece left to pick')
    strategy.remove(piece)
  })
}

/** The median of batches, since others of the machine get in between. */
function microsecondsEach(events: number, event: () => void): number {
  const batch = Math.ceil(events / BATCHES)
  const each: number[] = []
  for (let done = 0; done + batch <= events; done += batch) {
    const start = performance.now()
    for (let i = 0; i < batch; i++) event()
    each.push(((performance.now() - start) * 1000) / batch)
  }
  return median(each)
}

/** One torrent in a world in which nothing happens by itself. */
class Engine {
  readonly torrent: Torrent
  readonly #map: PieceMap
  /** Blocks that were asked for, oldest first; `#next` is the next to come. */
  readonly #asked: { piece: number; offset: number; length: number }[] = []
  #next = 0
  #joined = 0

  constructor(order: PickOrder, pieces: number) {
    const info = plainInfo(pieces, SIZE / pieces)
    const random = new SeededRandom(1)
    this.#map = new PieceMap(info)
    this.torrent = new Torrent(
      {
        infoHash: new Uint8Array(20),
        peerId: new Uint8Array(20),
        map: this.#map,
        hashes: new PieceHashes(info, new Map()),
        layeredFiles: [],
        wanted: new WantedPieces(new Bitfield(pieces)),
        pick: order,
        digests: nodeDigests,
        maxPeers: 50,
        client: 'benchmark',
        exchangesPeers: true,
        listenPort: 6881,
      },
      {
        random,
        now: () => performance.now(),
        mayConnect: () => false,
        hasPlace: () => true,
        connect() {},
        discardPiece() {},
        digestBlocks() {},
        workInTurns() {},
        completed() {},
        onBanned() {},
      },
    )
  }

  join(): Peer {
    const host = `10.0.0.${++this.#joined}`
    const peer = this.torrent.addPeer({
      address: { host, port: 6881 },
      peerId: new Uint8Array(20).fill(this.#joined),
      isOutgoing: false,
      features: { fast: true, extensions: false, v2: false },
      isV2: false,
      link: this.#link(),
    })
    if (peer === undefined) throw new Error('the engine refused a peer')
    return peer
  }

  /** The oldest block that was asked for comes, and the next is asked for. */
  receiveNext(peer: Peer): void {
    const asked = this.#asked[this.#next++]
    if (asked === undefined) throw new Error('no block was asked for')
    const { downloader } = this.torrent
    downloader.expectsBlock(peer, asked.piece, asked.offset, asked.length)
    downloader.blockReceived(peer, asked.piece, asked.offset, asked.length)
    const isLast = asked.offset + BLOCK_LENGTH >= this.#map.pieceSize(asked.piece)
    if (isLast) downloader.pieceHashed(asked.piece, true)
    downloader.endTurn(peer)
  }

  #link(): PeerLink {
    const nothing = () => {}
    return {
      waitingBytes: 0,
      uploadsWaiting: nothing,
      haveToo: nothing,
      close: nothing,
      keepAlive: nothing,
      choke: nothing,
      unchoke: nothing,
      interested: nothing,
      notInterested: nothing,
      have: nothing,
      bitfield: nothing,
      request: (piece, offset, length) => this.#asked.push({ piece, offset, length }),
      cancel: nothing,
      port: nothing,
      suggest: nothing,
      haveAll: nothing,
      haveNone: nothing,
      reject: nothing,
      allowedFast: nothing,
      extended: nothing,
      hashRequest: nothing,
      hashes: nothing,
      hashReject: nothing,
    }
  }
}
