import { Bitfield } from '../../../src/base/bitfield.js'
import { type Random, SeededRandom } from '../../../src/base/random.js'
import { nodeDigests } from '../../../src/client/digests.js'
import type { Peer } from '../../../src/engine/peer.js'
import { makeStrategy, type PickOrder } from '../../../src/engine/pick/make-strategy.js'
import { Torrent } from '../../../src/engine/torrent.js'
import type { CloseReason, PeerLink, TorrentWorld } from '../../../src/engine/world.js'
import type { Info } from '../../../src/protocol/metainfo/metainfo.js'
import { PieceHashes } from '../../../src/protocol/metainfo/piece-hashes.js'
import { PieceMap } from '../../../src/protocol/metainfo/piece-map.js'
import type { HashMessage } from '../../../src/protocol/peer/hash-messages.js'
import type { PeerAddress } from '../../../src/protocol/peer-address.js'

/** Messages between engines, delivered one after the other; a clock that only this moves. */
export class Post {
  now = 0
  readonly #queue: (() => void)[] = []

  send(deliver: () => void): void {
    this.#queue.push(deliver)
  }

  /** Delivers until nothing is on its way. */
  settle(): void {
    for (let deliver = this.#queue.shift(); deliver !== undefined; deliver = this.#queue.shift()) deliver()
  }
}

/** An info of one v1 file; the hashes do not matter, the worlds below judge the data. */
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

export interface NodeOptions {
  readonly post: Post
  readonly info: Info
  readonly hashes?: PieceHashes
  readonly isSeed?: boolean
  readonly random?: Random
  readonly pick?: PickOrder
  readonly layeredFiles?: { length: number; piecesRoot: Uint8Array; firstPiece: number }[]
  /** Every block it sends is bad. */
  readonly isLiar?: boolean
}

let lastHost = 0

/** An engine's torrent and the little world around it; blocks are a flag: good or bad. */
export class Node implements TorrentWorld {
  readonly torrent: Torrent
  readonly address: PeerAddress
  readonly random: Random
  readonly isLiar: boolean
  readonly peerId = new Uint8Array(20)
  readonly banned: PeerAddress[] = []
  readonly dials: PeerAddress[] = []
  readonly closed: { reason: CloseReason; detail: string }[] = []
  /** Blocks that came, whoever sent them. */
  blocks = 0
  isCompleted = false
  readonly post: Post
  readonly #badPieces = new Set<number>()

  constructor(options: NodeOptions) {
    const { info, post } = options
    const host = ++lastHost
    this.post = post
    this.isLiar = options.isLiar ?? false
    this.random = options.random ?? new SeededRandom(host)
    this.address = { host: `10.0.${host >> 8}.${host & 255}`, port: 6881 }
    this.peerId.set([host >> 8, host & 255])
    this.torrent = new Torrent(
      {
        infoHash: new Uint8Array(20),
        peerId: this.peerId,
        map: new PieceMap(info),
        hashes: options.hashes ?? new PieceHashes(info, new Map()),
        layeredFiles: options.layeredFiles ?? [],
        have: options.isSeed ? Bitfield.full(info.pieceCount) : new Bitfield(info.pieceCount),
        strategy: makeStrategy(options.pick ?? 'random', info.pieceCount, this.random),
        digests: nodeDigests,
        maxPeers: 50,
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

  connect(address: PeerAddress): void {
    this.dials.push(address)
  }

  discardPiece(piece: number): void {
    this.#badPieces.delete(piece)
  }

  completed(): void {
    this.isCompleted = true
  }

  onBanned(address: PeerAddress): void {
    this.banned.push(address)
  }

  /** A block of `length` bytes came from a peer. */
  receive(peer: Peer, piece: number, offset: number, length: number, isGood: boolean): void {
    const { downloader, picker } = this.torrent
    switch (downloader.expectsBlock(peer, piece, offset, length)) {
      case 'unasked':
        this.torrent.dropPeer(peer, 'unasked-block', 'block')
        return
      case 'late':
        downloader.blockSkipped(peer, piece, offset, length)
        break
      case 'wanted':
        this.blocks++
        if (!isGood) this.#badPieces.add(piece)
        downloader.blockReceived(peer, piece, offset, length)
        if (picker.isVerifying(piece)) downloader.pieceHashed(piece, !this.#badPieces.has(piece))
    }
    downloader.endTurn(peer)
  }
}

/** One direction of a connection: what one engine says is what the other's peer hears. */
class Wire implements PeerLink {
  /** The engine that hears. */
  readonly #to: Node
  readonly #from: Node
  /** How the hearing engine knows the speaker, and the reverse. */
  hearing: Peer | undefined
  speaking: Peer | undefined
  other: Wire | undefined
  isClosed = false

  constructor(from: Node, to: Node) {
    this.#from = from
    this.#to = to
  }

  #tell(say: (peer: Peer) => void): void {
    this.#to.post.send(() => {
      if (this.hearing !== undefined && !this.isClosed) say(this.hearing)
    })
  }

  uploadsWaiting(): void {
    this.#to.post.send(() => {
      const request = this.speaking?.uploads.shift()
      if (request === undefined || this.isClosed) return
      const { piece, offset, length } = request
      if (this.speaking !== undefined) this.#from.torrent.uploader.blockSent(this.speaking, length)
      this.#tell(peer => this.#to.receive(peer, piece, offset, length, !this.#from.isLiar))
    })
  }

  close(reason: CloseReason, detail: string): void {
    this.#from.closed.push({ reason, detail })
    if (this.isClosed) return
    this.isClosed = true
    if (this.other !== undefined) this.other.isClosed = true
    if (this.hearing !== undefined) this.#to.torrent.removePeer(this.hearing)
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

/** Connects two engines; `a` is the one that dialled. */
export function join(
  a: Node,
  b: Node,
  options: { fast?: boolean; isV2?: boolean } = {},
): { a: Peer; b: Peer } {
  const features = { fast: options.fast ?? true, extensions: true, v2: false }
  const toB = new Wire(a, b)
  const toA = new Wire(b, a)
  toB.other = toA
  toA.other = toB
  const isV2 = options.isV2 ?? false
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
  if (bAtA === undefined || aAtB === undefined) throw new Error('not accepted')
  toB.speaking = bAtA
  toB.hearing = aAtB
  toA.speaking = aAtB
  toA.hearing = bAtA
  return { a: bAtA, b: aAtB }
}
