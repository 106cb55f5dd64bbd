import { Bitfield } from '../../../src/base/bitfield.js'
import { type Random, SeededRandom } from '../../../src/base/random.js'
import { inOneGo, type Steps } from '../../../src/base/steps.js'
import { nodeDigests } from '../../../src/client/digests.js'
import type { BlockSource } from '../../../src/engine/download/source.js'
import type { Peer } from '../../../src/engine/peer.js'
import type { PickOrder } from '../../../src/engine/pick/make-strategy.js'
import { WantedPieces } from '../../../src/engine/pick/wanted-pieces.js'
import { Torrent } from '../../../src/engine/torrent.js'
import type { UploadRequest } from '../../../src/engine/upload/upload-queue.js'
import type { UploadOptions } from '../../../src/engine/upload/uploader.js'
import type { CloseReason, PeerLink, TorrentWorld } from '../../../src/engine/world.js'
import { BLOCK_LENGTH, type Info } from '../../../src/protocol/metainfo/metainfo.js'
import { PieceHashes } from '../../../src/protocol/metainfo/piece-hashes.js'
import { PieceMap } from '../../../src/protocol/metainfo/piece-map.js'
import type { HashMessage } from '../../../src/protocol/peer/hash-messages.js'
import { makePeerId } from '../../../src/protocol/peer/peer-id.js'
import type { PeerAddress } from '../../../src/protocol/peer-address.js'

/** More messages than any honest exchange needs at one time: engines that send more never stop. */
const MAX_DELIVERIES = 200_000

/** Messages between engines, delivered in the order of their times; a clock that only this moves. */
export class Post {
  now = 0
  readonly #queue: { readonly due: number; readonly deliver: () => void }[] = []

  send(deliver: () => void, due = this.now): void {
    let at = this.#queue.length
    while (at > 0 && (this.#queue[at - 1]?.due ?? 0) > due) at--
    this.#queue.splice(at, 0, { due, deliver })
  }

  /** Delivers until nothing is due. */
  settle(): void {
    for (let count = 0; (this.#queue[0]?.due ?? Number.POSITIVE_INFINITY) <= this.now; count++) {
      if (count > MAX_DELIVERIES) throw new Error('the messages never stop')
      this.#queue.shift()?.deliver()
    }
  }

  /** Lets time pass, delivering what becomes due. */
  advance(ms: number): void {
    const end = this.now + ms
    for (let next = this.#queue[0]; next !== undefined && next.due <= end; next = this.#queue[0]) {
      this.now = Math.max(this.now, next.due)
      this.settle()
    }
    this.now = end
  }
}

/** An info of one v1 file; the hashes do not matter, since the worlds below decide which data is good. */
export function plainInfo(pieceCount: number, pieceLength = 65_536): Info {
  return {
    version: 'v1',
    infoHashV1: new Uint8Array(20),
    infoHashV2: undefined,
    infoBytes: new Uint8Array(),
    name: 'file',
    isFolder: false,
    pieceLength,
    pieceCount,
    entries: [
      {
        type: 'file',
        path: ['file'],
        length: pieceCount * pieceLength,
        offset: 0,
        isExecutable: false,
        sha256: undefined,
        piecesRoot: undefined,
      },
    ],
    size: pieceCount * pieceLength,
    pieces: new Uint8Array(20 * pieceCount),
    isPrivate: false,
    source: undefined,
  }
}

/** The same as v2, with this root of the file's tree. */
export function v2Info(pieceCount: number, pieceLength: number, piecesRoot: Uint8Array): Info {
  const plain = plainInfo(pieceCount, pieceLength)
  return {
    ...plain,
    version: 'v2',
    infoHashV1: undefined,
    infoHashV2: new Uint8Array(32),
    pieces: undefined,
    entries: [...plain.entries].map(entry => (entry.type === 'file' ? { ...entry, piecesRoot } : entry)),
  }
}

/** Faults of one direction of a connection; chances are per block that is to be sent. */
export interface Faults {
  /** Milliseconds until a message arrives. */
  readonly delayMs: number
  /** Further milliseconds that a block takes. */
  readonly blockMs: number
  /** Sends a bad block. */
  readonly lie: number
  /** Rejects a request, under the fast extension. */
  readonly refuse: number
  /** Loses a request: it is never answered. */
  readonly forget: number
}

const NO_FAULTS: Faults = { delayMs: 0, blockMs: 0, lie: 0, refuse: 0, forget: 0 }

export interface NodeOptions {
  readonly post: Post
  readonly info: Info
  readonly hashes?: PieceHashes
  readonly isSeed?: boolean
  readonly random?: Random
  readonly pick?: PickOrder
  readonly layeredFiles?: { length: number; piecesRoot: Uint8Array; firstPiece: number }[]
  /** Faults of its connections to others. */
  readonly faults?: Partial<Faults>
  /** Makes the connections that it begins; without it they are only recorded. */
  readonly dial?: (from: Node, address: PeerAddress) => void
  readonly maxPeers?: number
  /** One of its own by default. */
  readonly host?: string
  /** One of its own by default. */
  readonly peerId?: Uint8Array
  readonly exchangesPeers?: boolean
  readonly upload?: Partial<UploadOptions>
  /** Whether the session has a place for an incoming connection. */
  readonly hasPlace?: () => boolean
}

let lastHost = 0

/** An engine's torrent and the small world around it; a block is a flag: good or bad. */
export class Node implements TorrentWorld {
  readonly torrent: Torrent
  readonly address: PeerAddress
  readonly random: Random
  readonly faults: Faults
  /** Faults that occurred, by kind. */
  readonly injected = { lie: 0, refuse: 0, forget: 0 }
  readonly peerId = makePeerId('0.0.0', new SeededRandom(1))
  readonly banned: PeerAddress[] = []
  readonly dials: PeerAddress[] = []
  readonly closed: { reason: CloseReason; detail: string }[] = []
  /** Work in steps that waits for `doWork`; undefined where each is done at once. */
  workInSteps: Steps<void>[] | undefined
  /** Stored blocks, from any peer. */
  blocks = 0
  isCompleted = false
  /** How often `completed` was called. */
  completions = 0
  readonly post: Post
  readonly #dial: NodeOptions['dial']
  readonly #hasPlace: () => boolean
  /** The blocks of a piece that are here: 0 for a good one, else the number of a bad one. */
  readonly #pieces = new Map<number, Map<number, number>>()
  readonly #isSeed: boolean
  #lies = 0

  constructor(options: NodeOptions) {
    const { info, post } = options
    const host = ++lastHost
    this.post = post
    this.faults = { ...NO_FAULTS, ...options.faults }
    this.random = options.random ?? new SeededRandom(host)
    this.#dial = options.dial
    this.#isSeed = options.isSeed ?? false
    this.#hasPlace = options.hasPlace ?? (() => true)
    this.address = { host: options.host ?? `10.0.${host >> 8}.${host & 255}`, port: 6881 }
    this.peerId.set([host >> 8, host & 255], 18)
    if (options.peerId !== undefined) this.peerId.set(options.peerId)
    this.torrent = new Torrent(
      {
        infoHash: new Uint8Array(20),
        peerId: this.peerId,
        map: new PieceMap(info),
        hashes: options.hashes ?? new PieceHashes(info, new Map()),
        layeredFiles: options.layeredFiles ?? [],
        wanted: new WantedPieces(
          options.isSeed ? Bitfield.full(info.pieceCount) : new Bitfield(info.pieceCount),
        ),
        pick: options.pick ?? 'random',
        digests: nodeDigests,
        maxPeers: options.maxPeers ?? 50,
        exchangesPeers: options.exchangesPeers ?? true,
        upload: options.upload,
        client: 'test',
        listenPort: 6881,
      },
      this,
    )
  }

  now(): number {
    return this.post.now
  }

  mayConnect(): boolean {
    return true
  }

  hasPlace(): boolean {
    return this.#hasPlace()
  }

  connect(address: PeerAddress): void {
    this.dials.push(address)
    this.#dial?.(this, address)
  }

  workInTurns(steps: Steps<void>): void {
    if (this.workInSteps === undefined) inOneGo(steps)
    else this.workInSteps.push(steps)
  }

  /** One step of each work under way; false where there is none. */
  doWork(): boolean {
    this.workInSteps = this.workInSteps?.filter(steps => !steps.next().done)
    return (this.workInSteps?.length ?? 0) > 0
  }

  discardPiece(piece: number): void {
    this.#pieces.delete(piece)
  }

  /** The first bytes of a digest are the number of the bad block. */
  digestBlocks(piece: number, use: (digests: Uint8Array | undefined) => void): void {
    this.post.send(() => {
      const blocks = this.#pieces.get(piece)
      const digests = new Uint32Array(8 * this.torrent.map.blockCount(piece))
      for (const [block, lie] of blocks ?? []) digests[8 * block] = lie
      use(blocks || this.#isSeed ? new Uint8Array(digests.buffer) : undefined)
    })
  }

  completed(): void {
    this.isCompleted = true
    this.completions++
  }

  onBanned(address: PeerAddress): void {
    this.banned.push(address)
  }

  /** Whether a fault occurs now; counts it. */
  goesWrong(kind: 'lie' | 'refuse' | 'forget'): boolean {
    const chance = this.faults[kind]
    if (chance === 0 || this.random.below(1_000_000) >= chance * 1_000_000) return false
    this.injected[kind]++
    return true
  }

  /** A block of `length` bytes came from a peer. */
  receive(source: BlockSource, piece: number, offset: number, length: number, isGood: boolean): void {
    const { downloader } = this.torrent
    switch (downloader.expectsBlock(source, piece, offset, length)) {
      case 'unasked':
        source.drop('unasked-block', 'block')
        return
      case 'late':
        downloader.blockSkipped(source, piece, offset, length)
        break
      case 'wanted':
        this.blocks++
        if (!downloader.blockReceived(source, piece, offset, length)) break
        this.#placed(piece, offset / BLOCK_LENGTH, isGood)
    }
  }

  #placed(piece: number, block: number, isGood: boolean): void {
    const blocks = this.#pieces.get(piece) ?? new Map<number, number>()
    this.#pieces.set(piece, blocks.set(block, isGood ? 0 : ++this.#lies))
    if (blocks.size === this.torrent.map.blockCount(piece)) {
      this.torrent.downloader.pieceHashed(
        piece,
        [...blocks.values()].every(lie => lie === 0),
      )
    }
  }
}

/** One direction of a connection: the messages of one engine go to the peer object of the other. */
class Wire implements PeerLink {
  /** The receiving engine. */
  readonly #to: Node
  readonly #from: Node
  /** The sender as the receiving engine knows it, and the reverse. */
  hearing: Peer | undefined
  speaking: Peer | undefined
  other: Wire | undefined
  isClosed = false
  waitingBytes = 0
  /** When the last message arrives: none overtakes another. */
  #lastDue = 0
  #isServing = false

  constructor(from: Node, to: Node) {
    this.#from = from
    this.#to = to
  }

  #tell(say: (peer: Peer) => void, ms = 0): void {
    const { post } = this.#to
    this.#lastDue = Math.max(this.#lastDue, post.now + this.#from.faults.delayMs) + ms
    post.send(() => {
      if (this.hearing === undefined || this.isClosed) return
      say(this.hearing)
      // As a connection does when all that has come is read.
      this.#to.torrent.downloader.endTurn(this.hearing)
    }, this.#lastDue)
  }

  uploadsWaiting(): void {
    if (this.#isServing) return
    this.#isServing = true
    const { delayMs } = this.#from.faults
    this.#to.post.send(() => this.#serve(), Math.max(this.#to.post.now, this.#lastDue - delayMs))
  }

  haveToo(piece: number): void {
    this.have(piece)
  }

  /** Answers the oldest request that waits. */
  #serve(): void {
    this.#isServing = false
    const peer = this.speaking
    const request = peer?.uploadQueue.shift()
    if (peer === undefined || request === undefined || this.isClosed) return
    this.#answer(peer, request)
    if (peer.uploadQueue.length > 0) this.uploadsWaiting()
  }

  #answer(peer: Peer, { piece, offset, length }: UploadRequest): void {
    if (this.#from.goesWrong('forget')) return
    if (peer.supportsFast && this.#from.goesWrong('refuse')) {
      this.reject(piece, offset)
      return
    }
    const isGood = !this.#from.goesWrong('lie')
    this.#from.torrent.uploader.blockSent(peer, length)
    this.#tell(hearing => this.#to.receive(hearing, piece, offset, length, isGood), this.#from.faults.blockMs)
  }

  close(reason: CloseReason, detail: string): void {
    this.#from.closed.push({ reason, detail })
    this.cut()
  }

  /** The connection is gone for both sides; one that knows already is not affected. */
  cut(): void {
    if (this.isClosed) return
    this.isClosed = true
    if (this.speaking !== undefined) this.#from.torrent.removePeer(this.speaking)
    this.other?.cut()
  }

  keepAlive(): void {}
  choke = () => this.#tell(peer => peer.choke())
  unchoke = () => this.#tell(peer => peer.unchoke())
  interested = () => this.#tell(peer => peer.interested())
  notInterested = () => this.#tell(peer => peer.notInterested())
  have = (piece: number) => this.#tell(peer => peer.have(piece))
  bitfield = (bits: Uint8Array) => {
    const copy = bits.slice()
    this.#tell(peer => peer.bitfield(copy))
  }
  request = (piece: number, offset: number, length: number) =>
    this.#tell(peer => peer.request(piece, offset, length))
  cancel = (piece: number, offset: number, length: number) =>
    this.#tell(peer => peer.cancel(piece, offset, length))
  port = () => {}
  suggest = () => {}
  haveAll = () => this.#tell(peer => peer.haveAll())
  haveNone = () => this.#tell(peer => peer.haveNone())
  reject = (piece: number, offset: number) => this.#tell(peer => peer.reject(piece, offset))
  allowedFast = (piece: number) => this.#tell(peer => peer.allowedFast(piece))
  extended = (id: number, payload: Uint8Array) => this.#tell(peer => peer.extended(id, payload))
  hashRequest = (message: HashMessage) => this.#tell(peer => peer.hashRequest(message))
  hashes = (message: HashMessage, hashes: Uint8Array) => this.#tell(peer => peer.hashes(message, hashes))
  hashReject = (message: HashMessage) => this.#tell(peer => peer.hashReject(message))
}

/** The host of a peer that sent a block. */
export function hostOf({ contributor }: BlockSource): string {
  if (contributor.type !== 'peer') throw new Error('the block came from a web seed')
  return contributor.address.host
}

/** Connects two engines; `a` is the one that dialled. */
export function join(
  a: Node,
  b: Node,
  options: { fast?: boolean; isV2?: boolean } = {},
): { a: Peer; b: Peer; cut: () => void } {
  const joined = tryJoin(a, b, options)
  if (joined === undefined) throw new Error('not accepted')
  return joined
}

/** As `join`, but either side may refuse the other. */
export function tryJoin(
  a: Node,
  b: Node,
  options: { fast?: boolean; isV2?: boolean } = {},
): { a: Peer; b: Peer; cut: () => void } | undefined {
  const features = { fast: options.fast ?? true, extensions: true, v2: false }
  const toB = new Wire(a, b)
  const toA = new Wire(b, a)
  toB.other = toA
  toA.other = toB
  const isV2 = options.isV2 ?? false
  a.torrent.candidates.add(b.address, 'tracker')
  const bAtA = a.torrent.addPeer({
    address: b.address,
    peerId: b.peerId,
    isOutgoing: true,
    features,
    isV2,
    link: toB,
  })
  const aAtB = b.torrent.addPeer({
    address: a.address,
    peerId: a.peerId,
    isOutgoing: false,
    features,
    isV2,
    link: toA,
  })
  toB.speaking = bAtA
  toB.hearing = aAtB
  toA.speaking = aAtB
  toA.hearing = bAtA
  if (bAtA === undefined || aAtB === undefined) {
    toB.cut()
    return undefined
  }
  return { a: bAtA, b: aAtB, cut: () => toB.cut() }
}
