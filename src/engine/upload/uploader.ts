import { RateMeter } from '../../base/rate-meter.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import { ALLOWED_FAST_COUNT } from '../../protocol/peer/fast-extension.js'
import { MAX_REQUEST_LENGTH } from '../limits.js'
import type { Peer } from '../peer.js'
import type { Picker } from '../pick/picker.js'
import type { TorrentWorld } from '../world.js'
import { Choker, type ChokerMoment, type ChokerOptions, ROUND_MS } from './choker.js'
import type { UploadRequest } from './upload-queue.js'

/** Pieces that a peer may take from a seeder before it is another's turn. */
const QUOTA_PIECES = 20

/** Serves what is here: whom (the choker decides), and which requests wait for whom. */
export class Uploader {
  /** Bytes of blocks to all peers. */
  readonly sent = new RateMeter()
  readonly #map: PieceMap
  readonly #picker: Picker
  readonly #world: TorrentWorld
  readonly #choker: Choker<Peer>
  readonly #peers: ReadonlySet<Peer>
  #nextRound = 0

  constructor(
    map: PieceMap,
    picker: Picker,
    world: TorrentWorld,
    peers: ReadonlySet<Peer>,
    options: ChokerOptions,
  ) {
    this.#map = map
    this.#picker = picker
    this.#world = world
    this.#peers = peers
    this.#choker = new Choker(options, QUOTA_PIECES * map.pieceLength, world.random)
  }

  /** Once a second; every ten seconds it deals out the slots anew. */
  onSecond(now: number): void {
    if (now < this.#nextRound) return
    this.#nextRound = now + ROUND_MS
    this.#choker.round(this.#peers, this.#moment)
    this.#tellAll()
  }

  onInterestChanged(peer: Peer): void {
    if (!peer.isInterested) this.#choker.release(peer)
    this.#fillVacancies()
    this.#tell(peer)
  }

  onRequest(peer: Peer, request: UploadRequest): void {
    if (!this.#isValid(request)) {
      peer.drop(
        'protocol-error',
        `request of ${request.length} bytes at ${request.offset} of piece ${request.piece}`,
      )
      return
    }
    if (this.#mayAsk(peer, request) && this.#picker.have.has(request.piece) && peer.uploads.push(request)) {
      peer.link.uploadsWaiting()
    } else {
      this.#reject(peer, request)
    }
  }

  onCancel(peer: Peer, request: UploadRequest): void {
    if (peer.uploads.remove(request.piece, request.offset, request.length)) this.#reject(peer, request)
  }

  /** A block has left. */
  blockSent(peer: Peer, length: number): void {
    const now = this.#world.now()
    peer.sent.add(length, now)
    this.sent.add(length, now)
  }

  /** The disk could not give us a block that a peer asked for. */
  onUnreadable(peer: Peer, request: UploadRequest): void {
    this.#reject(peer, request)
  }

  /** The peer is gone, and its slot free. */
  onRemoved(peer: Peer): void {
    const wasUnchoked = this.#choker.isUnchoked(peer)
    this.#choker.forget(peer)
    if (wasUnchoked) this.#fillVacancies()
  }

  #mayAsk(peer: Peer, { piece }: UploadRequest): boolean {
    // The pieces that it is allowed while it is choked are to help it begin, no more (BEP 6).
    return !peer.isChoked || (peer.allowedFastByUs.has(piece) && peer.pieces.count <= ALLOWED_FAST_COUNT)
  }

  get #moment(): ChokerMoment {
    return { now: this.#world.now(), isSeeding: this.#picker.have.isFull }
  }

  #fillVacancies(): void {
    const before = this.#choker.unchokedCount
    this.#choker.fillVacancies(this.#peers, this.#moment)
    if (this.#choker.unchokedCount > before) this.#tellAll()
  }

  /** Chokes before it unchokes, so that never more download than there are slots. */
  #tellAll(): void {
    for (const peer of this.#peers) if (!this.#choker.isUnchoked(peer)) this.#tell(peer)
    for (const peer of this.#peers) this.#tell(peer)
  }

  /** Lets a peer know what the choker decided, where that is news to it. */
  #tell(peer: Peer): void {
    const isChoked = !this.#choker.isUnchoked(peer)
    if (isChoked === peer.isChoked) return
    peer.isChoked = isChoked
    if (!isChoked) {
      peer.link.unchoke()
      return
    }
    peer.link.choke()
    // BEP 6: a choke says nothing about requests, each is rejected; before it, a choke dropped them all.
    const dropped = peer.uploads.removeUnless(
      request => peer.supportsFast && peer.allowedFastByUs.has(request.piece),
    )
    for (const request of dropped) this.#reject(peer, request)
  }

  #reject(peer: Peer, request: UploadRequest): void {
    if (peer.supportsFast) peer.link.reject(request.piece, request.offset, request.length)
  }

  #isValid({ piece, offset, length }: UploadRequest): boolean {
    return (
      piece < this.#map.pieceCount &&
      length > 0 &&
      length <= MAX_REQUEST_LENGTH &&
      offset + length <= this.#map.servedSize(piece)
    )
  }
}
