import { Bitfield } from '../../base/bitfield.js'
import { RateMeter } from '../../base/rate-meter.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import { ALLOWED_FAST_COUNT } from '../../protocol/peer/fast-extension.js'
import { MAX_REQUEST_LENGTH } from '../limits.js'
import type { Peer } from '../peer.js'
import type { Availability } from '../pick/availability.js'
import type { PickablePieces } from '../pick/pickable-pieces.js'
import type { WantedPieces } from '../pick/wanted-pieces.js'
import type { TorrentWorld } from '../world.js'
import { ChokedService } from './choked-service.js'
import { Choker, type ChokerMoment, type ChokerOptions, ROUND_MS } from './choker.js'
import { Suggester } from './spreading/suggester.js'
import { SuperSeeder } from './spreading/super-seeder.js'
import { UnfinishedPieces } from './unfinished-pieces.js'
import type { UploadRequest } from './upload-queue.js'

export interface UploadOptions extends ChokerOptions {
  /** Announce to each peer only pieces that no other peer has yet (BEP 16). */
  readonly superSeed: boolean
}

const DEFAULT_UPLOAD: UploadOptions = { slots: undefined, seedChoker: 'round-robin', superSeed: false }

/** Pieces that a seeder sends to a peer before it is another one's turn. */
const QUOTA_PIECES = 20

/** Pieces that a leecher sends to a peer before the peer has to reciprocate. */
const CREDIT_PIECES = 2

/** A peer that reads none of the blocks that it requested for 30 s, and sends us nothing, is dropped: the blocks take up memory. */
const STUCK_MS = 30_000

/** Serves peers: queues their requests, and unchokes and chokes them as the choker decides. */
export class Uploader {
  /** Bytes of blocks to all peers. */
  readonly sent = new RateMeter()
  readonly #map: PieceMap
  readonly #wanted: WantedPieces
  readonly #availability: Availability
  readonly #world: TorrentWorld
  readonly #choker: Choker<Peer>
  readonly #peers: ReadonlySet<Peer>
  readonly #superSeeder: SuperSeeder<Peer> | undefined
  #suggester: Suggester<Peer> | undefined
  readonly #chokedService: ChokedService<Peer>
  readonly #unfinished: UnfinishedPieces<Peer>
  #nextRound = 0

  constructor(
    map: PieceMap,
    { wanted, availability }: PickablePieces,
    world: TorrentWorld,
    peers: ReadonlySet<Peer>,
    given: Partial<UploadOptions> | undefined,
  ) {
    const options = { ...DEFAULT_UPLOAD, ...given }
    this.#map = map
    this.#wanted = wanted
    this.#availability = availability
    this.#world = world
    this.#peers = peers
    this.#unfinished = new UnfinishedPieces(piece => map.blockCount(piece))
    this.#choker = new Choker(
      options,
      { credit: CREDIT_PIECES * map.pieceLength, quota: QUOTA_PIECES * map.pieceLength },
      world.random,
    )
    this.#chokedService = new ChokedService(peers, this.#choker, (peer, now) => this.#stopServing(peer, now))
    this.#superSeeder =
      options.superSeed && wanted.have.isFull ? new SuperSeeder(map, availability, world.random) : undefined
  }

  /** Of the offered pieces those that are announced to a new peer. */
  shownOf(offered: Bitfield): Bitfield {
    return this.isHidden ? new Bitfield(this.#map.pieceCount) : offered
  }

  /** We look like a leecher with no pieces, since ours are shown one by one (BEP 16). */
  get isHidden(): boolean {
    return this.#superSeeder !== undefined && !this.#superSeeder.isOver
  }

  /** Call once a second; assigns all slots anew every ten seconds. */
  onSecond(now: number): void {
    this.#choker.onSecond(this.#peers, now)
    this.#dropStuck(now)
    if (now >= this.#nextRound) {
      this.#nextRound = now + ROUND_MS
      this.#choker.round(this.#peers, this.#moment)
      this.#tellAll()
    } else {
      this.#fillVacancies()
    }
    this.#superSeeder?.onSecond(this.#choker.busyCount < this.#choker.slots)
    if (this.#mustSuggest) this.#suggest()
  }

  /** The opening messages were sent to a peer. */
  onJoined(peer: Peer): void {
    this.#superSeeder?.onJoined(peer)
  }

  /** A peer announced its pieces. */
  onPieces(peer: Peer): void {
    this.#superSeeder?.onPieces(peer)
  }

  onHave(peer: Peer, piece: number): void {
    this.#superSeeder?.onHave(peer, piece)
    this.#suggester?.onHave(piece)
  }

  /** A peer lost a piece (BEP 54). */
  onLost(piece: number): void {
    this.#superSeeder?.onLost(piece)
    this.#suggester?.onLost(piece)
  }

  /** A change of a peer's interest; acted on in the next second where there were too many. */
  onInterestChanged(peer: Peer): void {
    if (!peer.interestChanges.take(this.#world.now())) return
    if (!peer.isInterested) {
      // A peer that was choked leaves no slot to others.
      if (!this.#choker.isUnchoked(peer)) return
      this.#choker.release(peer)
    }
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
    const mayHave = this.#mayAsk(peer, request) && this.#shows(peer, request.piece)
    switch (mayHave ? peer.uploadQueue.push(request) : 'refused') {
      case 'queued':
        peer.link.uploadsWaiting()
        this.#suggester?.onAsked(peer, request.piece)
        break
      case 'waits already':
        break
      case 'refused':
        if (peer.mayBeRefused()) this.#reject(peer, request)
    }
  }

  onCancel(peer: Peer, request: UploadRequest): void {
    const waited = peer.uploadQueue.remove(request.piece, request.offset, request.length)
    if (waited && peer.mayBeRefused()) this.#reject(peer, request)
  }

  /** A block has left. */
  blockSent(peer: Peer, length: number): void {
    const now = this.#world.now()
    peer.sent.add(length, now)
    this.sent.add(length, now)
  }

  /** A block that a peer requested could not be read. */
  onUnreadable(peer: Peer, request: UploadRequest): void {
    this.#reject(peer, request)
  }

  /** Pieces were lost: the peer's requests for them are rejected. */
  onPiecesLost(peer: Peer): void {
    const refused = peer.uploadQueue.removeUnless(({ piece }) => this.#wanted.have.has(piece))
    for (const request of refused) this.#reject(peer, request)
  }

  /** The peer is gone: its slot is free. */
  onRemoved(peer: Peer): void {
    this.#superSeeder?.onRemoved(peer)
    this.#suggester?.onRemoved(peer)
    this.#unfinished.forget(peer)
    const wasUnchoked = this.#choker.isUnchoked(peer)
    this.#choker.forget(peer, this.#world.now())
    if (wasUnchoked) this.#fillVacancies()
  }

  #mayAsk(peer: Peer, { piece }: UploadRequest): boolean {
    if (!peer.isChoked || this.#unfinished.take(peer, piece)) return true
    // Allowed-fast pieces are there to help a new peer begin (BEP 6).
    const isAllowed = peer.allowedFastByUs.has(piece) && peer.pieces.count <= ALLOWED_FAST_COUNT
    return isAllowed && this.#chokedService.admits(peer, this.#world.now())
  }

  /** The choked peer reads nothing of what it requested, and keeps others from their first pieces. */
  #stopServing(peer: Peer, now: number): void {
    this.#choker.loseTurn(peer, now)
    for (const request of peer.uploadQueue.removeUnless(() => false)) this.#reject(peer, request)
  }

  #dropStuck(now: number): void {
    for (const peer of this.#peers) {
      const isExempt = peer.sent.total === 0 || peer.rateToUs > 0
      if (!isExempt && this.#choker.stuckMs(peer, now) >= STUCK_MS)
        peer.drop('stuck', 'takes nothing of what it asked for')
    }
  }

  #shows(peer: Peer, piece: number): boolean {
    return this.#wanted.have.has(piece) && (this.#superSeeder?.shows(peer, piece) ?? true)
  }

  /** A single unchoked peer gets everything from us anyway. */
  get #mustSuggest(): boolean {
    return this.#superSeeder === undefined && this.#wanted.have.isFull && this.#choker.unchokedCount > 1
  }

  #suggest(): void {
    this.#suggester ??= new Suggester(this.#map, this.#availability, this.#world.random)
    for (const peer of this.#peers) this.#suggester.suggest(peer)
  }

  get #moment(): ChokerMoment<Peer> {
    return {
      now: this.#world.now(),
      isSeeding: this.#wanted.isDone,
      isSpread: this.#superSeeder?.isOver ?? this.#suggester?.isOver ?? false,
      withholds: peer => this.#suggester?.withholds(peer) ?? false,
    }
  }

  #fillVacancies(): void {
    if (this.#choker.fillVacancies(this.#peers, this.#moment)) this.#tellAll()
  }

  /** Chokes before it unchokes, so that never more peers are unchoked than there are slots. */
  #tellAll(): void {
    for (const peer of this.#peers) if (!this.#choker.isUnchoked(peer)) this.#tell(peer)
    for (const peer of this.#peers) this.#tell(peer)
  }

  /** Sends choke or unchoke where the choker's decision has changed. */
  #tell(peer: Peer): void {
    const isChoked = !this.#choker.isUnchoked(peer)
    if (isChoked === peer.isChoked) return
    peer.isChoked = isChoked
    if (isChoked) this.#choke(peer)
    else this.#unchoke(peer)
  }

  #unchoke(peer: Peer): void {
    this.#unfinished.forget(peer)
    peer.link.unchoke()
    this.#suggester?.suggest(peer)
  }

  #choke(peer: Peer): void {
    const now = this.#world.now()
    const losesAll = this.#choker.isPenalized(peer, now)
    const unfinished = losesAll ? undefined : this.#unfinished.cut(peer, this.#choker.slots, now)
    if (unfinished !== undefined) peer.link.allowedFast(unfinished)
    peer.link.choke()
    // With BEP 6 each dropped request is rejected; without it the choke drops them all.
    const dropped = peer.uploadQueue.removeUnless(({ piece }) => {
      if (piece === unfinished) return this.#unfinished.take(peer, piece)
      return !losesAll && peer.supportsFast && peer.allowedFastByUs.has(piece)
    })
    for (const request of dropped) this.#reject(peer, request)
    this.#suggester?.onChoked(peer, piecesOf(dropped), unfinished)
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

function piecesOf(requests: readonly UploadRequest[]): Set<number> {
  return new Set(requests.map(({ piece }) => piece))
}
