import { Bitfield } from '../base/bitfield.js'
import { BoundedSet } from '../base/bounded-map.js'
import { RateMeter } from '../base/rate-meter.js'
import { hostGroup } from '../protocol/host-group.js'
import { BLOCK_LENGTH } from '../protocol/metainfo/metainfo.js'
import type { ExtensionName } from '../protocol/peer/extension-ids.js'
import type { HashMessage } from '../protocol/peer/hash-messages.js'
import type { PeerMessages } from '../protocol/peer/messages.js'
import { isOurClient } from '../protocol/peer/peer-id.js'
import { Allowance } from './allowance.js'
import { type Candidate, type Contributor, newContributor } from './connect/candidates.js'
import type { ConnectedPeer } from './connected-peer.js'
import type { PieceDownload } from './download/piece-download.js'
import { Refusals } from './download/refusals.js'
import { RequestQueue } from './download/request-queue.js'
import { RequestWindow } from './download/request-window.js'
import { Suggestions } from './download/suggestions.js'
import { TakenBackRequests } from './download/taken-back.js'
import type { PeerIntroduction } from './introduction.js'
import {
  EXTENSION_HANDSHAKE_MS,
  FRUITLESS_REQUEST_MS,
  HASHED_PIECE_MS,
  MAX_ALLOWED_FAST,
  MAX_EXTENSION_HANDSHAKES,
  MAX_FRUITLESS_REQUESTS,
  MAX_HASHED_PIECES,
} from './limits.js'
import type { PeerOwner } from './peer-owner.js'
import type { PickingPeer } from './pick/picking-peer.js'
import type { CountedAs, PieceHolder } from './pick/wanted-pieces.js'
import type { ChokablePeer, Standing } from './upload/choking/standing.js'
import { UploadQueue } from './upload/upload-queue.js'
import type { CloseReason, PeerLink } from './world.js'

/** Requests that a peer can have open with us, and we with it: a power of two above the largest window. */
const REQUEST_CAPACITY = 512

const NO_PIECES: ReadonlySet<number> = new Set()

/**
 * The other end of a connection: its state, and what its messages do. It receives through the very interface by which we send,
 * so that two engines can be joined by anything that carries calls.
 */
export class Peer implements ConnectedPeer, PeerMessages, PickingPeer, ChokablePeer, PieceHolder {
  // What nearly every message is about comes first, one behind the other in memory: in a swarm of thousands it is seldom in the
  // processor's cache.
  pieces: Bitfield
  readonly #torrent: PeerOwner<Peer>
  /** How its pieces are counted among the copies that there are. */
  countedAs: CountedAs = 'leecher'
  /** It said that it has a piece. */
  #hasAnnouncedPieces = false
  /** It sent its `bitfield`, `have all` or `have none`. */
  #hasSentBitfield = false
  /** Pieces that it has and we lack. */
  lackingCount = 0
  isChoking = true
  /** We said that we are interested. */
  isWanted = false
  isSnubbed = false
  /** It wants nothing more (BEP 21). */
  isUploadOnly = false
  /** Pieces it lets us request while it chokes us (BEP 6), the last allowed ones; undefined until it does. */
  allowedFastByPeer: BoundedSet<number> | undefined
  readonly link: PeerLink
  readonly requests = new RequestQueue(REQUEST_CAPACITY)
  readonly introduction: PeerIntroduction
  /** Its address, or /64: peers of one are counted together. */
  readonly group: string
  readonly connectedAt: number
  readonly window = new RequestWindow()
  readonly uploadQueue = new UploadQueue()
  readonly refusals = new Refusals()
  readonly received = new RateMeter()
  readonly sent = new RateMeter()
  readonly mayAskFor: (piece: number) => boolean
  standing: Standing | undefined
  /** Changes of its interest that are acted on at once. */
  readonly interestChanges = new Allowance(10, 250)
  readonly extensionHandshakes = new Allowance(MAX_EXTENSION_HANDSHAKES, EXTENSION_HANDSHAKE_MS)
  readonly hashedPieces = new Allowance(MAX_HASHED_PIECES, HASHED_PIECE_MS)
  readonly #fruitlessRequests = new Allowance(MAX_FRUITLESS_REQUESTS, FRUITLESS_REQUEST_MS)
  current: PieceDownload<PickingPeer> | undefined
  /** Its entry among the candidates, by which it is remembered; a stranger's own record until it says where it listens. */
  contributor: Contributor
  candidate: Candidate | undefined
  /** We choke it. */
  isChoked = true
  /** It wants its connections encrypted. */
  prefersEncryption = false
  /** Under which ids it wants the messages of extensions that we know (BEP 10). */
  readonly extensionIds = new Map<ExtensionName, number>()
  readonly suggested = new Suggestions()
  /** Pieces we let it ask for while we choke it. */
  allowedFastByUs: ReadonlySet<number> = NO_PIECES
  readonly takenBack = new TakenBackRequests()
  /** Bytes of blocks from it when it last unchoked us. */
  receivedAtUnchoke = 0
  /** When the last block came from it, or we kept it from sending one. */
  lastBlockAt: number
  /** When its open requests began to wait. */
  waitingSince: number
  rateToUs = 0
  rateFromUs = 0
  /** Bytes of blocks sent to it before the current second. */
  sentBefore = 0
  #saysInterested = false

  constructor(
    torrent: PeerOwner<Peer>,
    introduction: PeerIntroduction,
    candidate: Candidate | undefined,
    now: number,
  ) {
    this.#torrent = torrent
    this.introduction = introduction
    this.group = hostGroup(introduction.address.host)
    this.link = introduction.link
    this.candidate = candidate
    this.contributor = candidate?.contributor ?? newContributor(introduction.address)
    this.connectedAt = now
    this.lastBlockAt = now
    this.waitingSince = now
    this.pieces = new Bitfield(torrent.map.pieceCount)
    this.mayAskFor = piece =>
      !this.refusals.has(piece) &&
      (!this.isChoking || this.allowedFastByPeer?.has(piece) === true) &&
      torrent.downloader.trusts(this, piece)
  }

  /**
   * Suggestions (BEP 6) are exchanged with our own kind alone, by whom they are meant as ours are. Others name what is in their
   * cache, and libtorrent 2.0.8 takes more of a seeder that names it pieces: 2.35 copies in place of 1.71, before twenty had it all.
   */
  get heedsSuggestions(): boolean {
    return this.supportsFast && isOurClient(this.introduction.peerId)
  }

  get supportsFast(): boolean {
    return this.introduction.features.fast
  }

  /** It said so, and can be: who has everything, or wants nothing more (BEP 21), would only take a slot. */
  get isInterested(): boolean {
    return this.#saysInterested && !this.isSeed && !this.isUploadOnly
  }

  get wasUseful(): boolean {
    return this.received.total + this.sent.total > 0
  }

  get isBusy(): boolean {
    return this.rateToUs + this.rateFromUs > 0
  }

  get isOfInterest(): boolean {
    return this.isInterested || this.isWanted
  }

  get isSeed(): boolean {
    return this.pieces.isFull
  }

  /** False where there is no point in asking it for anything now. */
  get mayBeAsked(): boolean {
    return this.isChoking ? (this.allowedFastByPeer?.size ?? 0) > 0 : !this.refusals.areTooMany
  }

  get onlyPieces(): Iterable<number> | undefined {
    return this.isChoking ? (this.allowedFastByPeer ?? NO_PIECES) : undefined
  }

  // What we do to it.

  ask(piece: number, block: number): void {
    if (this.requests.awaitedCount === 0) this.waitingSince = this.#torrent.now
    if (this.requests.releasedCount > 0) this.#forgetReleased(piece, block)
    this.requests.push(piece, block)
    this.link.request(piece, block * BLOCK_LENGTH, this.#torrent.map.blockLength(piece, block))
  }

  /** Once a second: measures the rates. */
  onSecond(now: number): void {
    this.rateToUs = this.received.bytesPerSecond(now)
    this.rateFromUs = this.sent.bytesPerSecond(now)
    this.sentBefore = this.sent.total
    this.refusals.onSecond(now)
  }

  /** The same block is asked for anew: the older request is not counted on. */
  #forgetReleased(piece: number, block: number): void {
    const position = this.requests.find(piece, block)
    if (position < 0) return
    this.requests.removeAt(position)
    this.takenBack.add(piece, block)
  }

  // What it says.

  keepAlive(): void {}

  choke(): void {
    if (this.isChoking) return
    this.isChoking = true
    this.#torrent.downloader.onChoked(this)
  }

  unchoke(): void {
    if (!this.isChoking) return
    this.isChoking = false
    this.refusals.clear()
    this.receivedAtUnchoke = this.received.total
    this.window.restart()
    this.#torrent.downloader.requestMore(this)
  }

  interested(): void {
    if (this.#saysInterested) return
    this.#saysInterested = true
    this.#torrent.uploader.onInterestChanged(this)
  }

  notInterested(): void {
    if (!this.#saysInterested) return
    this.#saysInterested = false
    this.#torrent.uploader.onInterestChanged(this)
  }

  have(piece: number): void {
    if (piece >= this.pieces.length) {
      this.#violation(`have of piece ${piece}`)
      return
    }
    this.#hasAnnouncedPieces = true
    if (this.pieces.add(piece)) this.#torrent.onHave(this, piece)
  }

  bitfield(bits: Uint8Array): void {
    const pieces = Bitfield.fromBytes(bits, this.pieces.length)
    if (pieces === undefined) {
      this.#violation('bitfield with spare bits set')
      return
    }
    if (this.#hasSentBitfield || this.#hasAnnouncedPieces) this.#addPieces(pieces)
    else this.#announce(pieces)
  }

  haveAll(): void {
    if (!this.supportsFast) {
      this.#violation('have-all without the fast extension')
      return
    }
    this.#announce(Bitfield.full(this.pieces.length))
  }

  haveNone(): void {
    if (!this.supportsFast) {
      this.#violation('have-none without the fast extension')
      return
    }
    this.#announce(new Bitfield(this.pieces.length))
  }

  request(piece: number, offset: number, length: number): void {
    this.#torrent.uploader.onRequest(this, { piece, offset, length })
  }

  cancel(piece: number, offset: number, length: number): void {
    this.#torrent.uploader.onCancel(this, { piece, offset, length })
  }

  reject(piece: number, offset: number): void {
    if (!this.supportsFast) {
      this.#violation('reject without the fast extension')
      return
    }
    const block = Math.floor(offset / BLOCK_LENGTH)
    if (this.requests.find(piece, block) < 0) {
      if (!this.takenBack.rejected(piece, block)) this.#violation('rejects of blocks that were not asked for')
      return
    }
    if (this.isChoking) this.allowedFastByPeer?.delete(piece)
    else this.refusals.add(piece, this.#torrent.now)
    this.#torrent.downloader.onRejected(this, piece, block)
  }

  allowedFast(piece: number): void {
    if (piece >= this.pieces.length) {
      this.#violation(`allowed-fast of piece ${piece}`)
      return
    }
    this.allowedFastByPeer ??= new BoundedSet<number>(MAX_ALLOWED_FAST)
    // It is asked for at the end of the turn, once for all that were allowed in it.
    this.allowedFastByPeer.add(piece)
  }

  suggest(piece: number): void {
    if (this.heedsSuggestions && piece < this.pieces.length) this.suggested.add(piece)
  }

  /** The DHT node of the peer. */
  port(): void {}

  extended(id: number, payload: Uint8Array): void {
    this.#torrent.extensions.onMessage(this, id, payload)
  }

  hashRequest(request: HashMessage): void {
    const { hashExchange } = this.#torrent
    if (hashExchange !== undefined) hashExchange.onRequest(this, request)
    else if (this.introduction.isV2 && this.mayBeRefused()) this.link.hashReject(request)
  }

  hashes(request: HashMessage, hashes: Uint8Array): void {
    this.#torrent.hashExchange?.onHashes(this, request, hashes)
  }

  hashReject(request: HashMessage): void {
    this.#torrent.hashExchange?.onReject(this, request)
  }

  /**
   * A bitfield that is not the first message. aria2 sends one where that is shorter than a `have` for each new piece, also before
   * its first one and after `have none`. A flood of them is no attack: each costs time for its own bytes and for new pieces only.
   */
  #addPieces(pieces: Bitfield): void {
    this.#hasSentBitfield = true
    pieces.visitWithout(this.pieces, piece => this.have(piece))
  }

  /**
   * The opening message. Of a few bytes `have all` and `have none` make work for all pieces, so that they come once, before any
   * bitfield (BEP 6).
   */
  #announce(pieces: Bitfield): void {
    if (this.#hasSentBitfield) {
      this.#violation('told a second time which pieces it has')
      return
    }
    this.#hasSentBitfield = true
    if (this.#hasAnnouncedPieces) {
      this.#torrent.onLateBitfield(this, pieces.union(this.pieces))
      return
    }
    this.#hasAnnouncedPieces = true
    this.pieces = pieces
    this.#torrent.onBitfield(this)
  }

  /**
   * It asked for what it may not have, or took back what it had asked for, and is to be told so. False where it does so again and
   * again: then it is dropped, since the answers would fill the memory of whoever waits for it to read them.
   */
  mayBeRefused(): boolean {
    const isWithinBounds = this.#fruitlessRequests.take(this.#torrent.now)
    if (!isWithinBounds) this.#violation('asks again and again for what it may not have')
    return isWithinBounds
  }

  /** Ends the connection. */
  drop(reason: CloseReason, detail: string): void {
    this.#torrent.dropPeer(this, reason, detail)
  }

  #violation(detail: string): void {
    this.drop('protocol-error', detail)
  }
}
