import { Bitfield } from '../base/bitfield.js'
import { RateMeter } from '../base/rate-meter.js'
import { hostGroup } from '../protocol/host-group.js'
import type { ExtensionName } from '../protocol/peer/extension-ids.js'
import type { HashMessage } from '../protocol/peer/hash-messages.js'
import type { PeerMessages } from '../protocol/peer/messages.js'
import { Allowance } from './allowance.js'
import type { Candidate } from './connect/candidates.js'
import type { ConnectedPeer } from './connected-peer.js'
import { newContributor } from './download/contributor.js'
import { PeerBlockSource } from './download/peer-block-source.js'
import type { PeerIntroduction } from './introduction.js'
import {
  EXTENSION_HANDSHAKE_MS,
  FRUITLESS_REQUEST_MS,
  HASHED_PIECE_MS,
  MAX_EXTENSION_HANDSHAKES,
  MAX_FRUITLESS_REQUESTS,
  MAX_HASHED_PIECES,
} from './limits.js'
import type { PeerOwner } from './peer-owner.js'
import type { CountedAs, PieceHolder } from './pick/pickable-pieces.js'
import type { ChokablePeer, Standing } from './upload/choking/standing.js'
import { UploadQueue } from './upload/upload-queue.js'
import type { CloseReason } from './world.js'

const NO_PIECES: ReadonlySet<number> = new Set()

/**
 * The other end of a connection: its state, and what its messages do. Its methods are the interface by which we send, too, so
 * that two engines can be joined directly. As a source of blocks it is a `PeerBlockSource`.
 */
export class Peer extends PeerBlockSource implements ConnectedPeer, PeerMessages, ChokablePeer, PieceHolder {
  readonly #torrent: PeerOwner<Peer>
  /** How its pieces are counted in the availability. */
  countedAs: CountedAs = 'leecher'
  /** It has announced a piece. */
  #hasAnnouncedPieces = false
  /** It sent its `bitfield`, `have all` or `have none`. */
  #hasSentBitfield = false
  /** We said that we are interested. */
  isWanted = false
  /** It wants nothing more (BEP 21). */
  isUploadOnly = false
  readonly introduction: PeerIntroduction
  /** Its address, or /64: peers of one are counted together. */
  readonly group: string
  readonly connectedAt: number
  readonly uploadQueue = new UploadQueue()
  readonly sent = new RateMeter()
  standing: Standing | undefined
  /** Changes of its interest that are acted on at once. */
  readonly interestChanges = new Allowance(10, 250)
  readonly extensionHandshakes = new Allowance(MAX_EXTENSION_HANDSHAKES, EXTENSION_HANDSHAKE_MS)
  readonly hashedPieces = new Allowance(MAX_HASHED_PIECES, HASHED_PIECE_MS)
  readonly #fruitlessRequests = new Allowance(MAX_FRUITLESS_REQUESTS, FRUITLESS_REQUEST_MS)
  candidate: Candidate | undefined
  /** We choke it. */
  isChoked = true
  /** It wants its connections encrypted. */
  prefersEncryption = false
  /** The ids under which it wants the messages of extensions that we know (BEP 10). */
  readonly extensionIds = new Map<ExtensionName, number>()
  /** Pieces that we allow it to request while we choke it. */
  allowedFastByUs: ReadonlySet<number> = NO_PIECES
  client: string | undefined
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
    super(torrent, introduction, candidate?.contributor ?? newContributor(introduction.address), now)
    this.#torrent = torrent
    this.introduction = introduction
    this.group = hostGroup(introduction.address.host)
    this.candidate = candidate
    this.connectedAt = now
  }

  /** It says so, and can be: a peer that has everything, or wants nothing more (BEP 21), would only take up a slot. */
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

  /** Call once a second: measures the rates, both ways. */
  override onSecond(now: number): void {
    super.onSecond(now)
    this.rateFromUs = this.sent.bytesPerSecond(now)
    this.sentBefore = this.sent.total
  }

  // Its messages.

  keepAlive(): void {}

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
      this.violation(`have of piece ${piece}`)
      return
    }
    this.#hasAnnouncedPieces = true
    if (this.pieces.add(piece)) this.#torrent.onHave(this, piece)
  }

  bitfield(bits: Uint8Array): void {
    const pieces = Bitfield.fromBytes(bits, this.pieces.length)
    if (pieces === undefined) {
      this.violation('bitfield with spare bits set')
      return
    }
    if (this.#hasSentBitfield || this.#hasAnnouncedPieces) this.#addPieces(pieces)
    else this.#announce(pieces)
  }

  haveAll(): void {
    if (!this.supportsFast) {
      this.violation('have-all without the fast extension')
      return
    }
    this.#announce(Bitfield.full(this.pieces.length))
  }

  haveNone(): void {
    if (!this.supportsFast) {
      this.violation('have-none without the fast extension')
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
   * The opening message. `have all` and `have none` cause work for all pieces by a few bytes, so that they come once, before any
   * bitfield (BEP 6).
   */
  #announce(pieces: Bitfield): void {
    if (this.#hasSentBitfield) {
      this.violation('announced all its pieces a second time')
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
   * Whether to tell it that a request is refused, or was taken back. False where that happens too often: then it is dropped,
   * since the answers, which it may not read, would fill the memory.
   */
  mayBeRefused(): boolean {
    const isWithinBounds = this.#fruitlessRequests.take(this.#torrent.now)
    if (!isWithinBounds) this.violation('too many requests that are refused or cancelled')
    return isWithinBounds
  }

  drop(reason: CloseReason, detail: string): void {
    this.#torrent.dropPeer(this, reason, detail)
  }

  protected violation(detail: string): void {
    this.drop('protocol-error', detail)
  }
}
