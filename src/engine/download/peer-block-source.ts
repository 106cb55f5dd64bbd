import { Bitfield } from '../../base/bitfield.js'
import { BoundedSet } from '../../base/bounded-map.js'
import type { RateMeter } from '../../base/rate-meter.js'
import { BLOCK_LENGTH } from '../../protocol/metainfo/metainfo.js'
import { isOurClient } from '../../protocol/peer/peer-id.js'
import type { PeerIntroduction } from '../introduction.js'
import { MAX_ALLOWED_FAST, SNUB_MS } from '../limits.js'
import type { CloseReason, PeerLink } from '../world.js'
import type { PeerContributor } from './contributor.js'
import { Ledger } from './ledger.js'
import type { PieceDownload } from './piece-download.js'
import { Refusals } from './refusals.js'
import { RequestWindow } from './request-window.js'
import type { BlockSource, PickingSource, SourceOwner } from './source.js'
import { Suggestions } from './suggestions.js'

/** Requests that we can have open with a peer: a power of two above the largest window. */
const REQUEST_CAPACITY = 4_096

/** More blocks are requested once less than this part of the window is under way. */
const FULL_ENOUGH = 7 / 8

const NO_PIECES: ReadonlySet<number> = new Set()

/**
 * A peer as a source of blocks: which pieces may be requested from it (choking, allowed fast, rejects), how many blocks at a
 * time, and what is done when it sends nothing.
 */
export abstract class PeerBlockSource implements BlockSource {
  readonly supportsFast: boolean
  readonly runLength = 0
  readonly window = new RequestWindow()
  readonly refusals = new Refusals()
  readonly suggested = new Suggestions()
  /**
   * Suggestions (BEP 6) are exchanged with our own client alone, which means them as we do. Others suggest what is in their
   * cache, and libtorrent 2.0.8 downloads more from a seeder that suggests: 2.35 copies rather than 1.71 until twenty peers were complete.
   */
  readonly heedsSuggestions: boolean
  readonly mayAskFor: (piece: number) => boolean
  current: PieceDownload<PickingSource> | undefined
  /** Its record; that of its candidate, once it has one. */
  contributor: PeerContributor
  readonly #owner: SourceOwner
  /** Bytes of blocks from it when it last unchoked us. */
  #receivedAtUnchoke = 0
  /** Pieces that it allows us to request while it chokes us (BEP 6), the last ones; undefined while there are none. */
  #allowedFast: BoundedSet<number> | undefined
  readonly link: PeerLink
  readonly ledger: Ledger
  isSnubbed = false
  isChoking = true
  /** Pieces that it has and we lack. */
  lackingCount = 0
  // The fields that nearly every message needs are together, here and at the beginning of the derived class: in a swarm of
  // thousands they are seldom in the processor's cache.
  pieces: Bitfield

  constructor(owner: SourceOwner, introduction: PeerIntroduction, contributor: PeerContributor, now: number) {
    this.#owner = owner
    this.link = introduction.link
    this.supportsFast = introduction.features.fast
    this.heedsSuggestions = this.supportsFast && isOurClient(introduction.peerId)
    this.contributor = contributor
    this.ledger = new Ledger(owner.downloader, REQUEST_CAPACITY, now)
    this.pieces = new Bitfield(owner.map.pieceCount)
    this.mayAskFor = piece =>
      !this.refusals.has(piece) &&
      (!this.isChoking || this.#allowedFast?.has(piece) === true) &&
      owner.downloader.trusts(this, piece)
  }

  get received(): RateMeter {
    return this.ledger.received
  }

  /** Bytes of blocks in the last second. */
  get rateToUs(): number {
    return this.ledger.bytesPerSecond
  }

  get expectedRate(): number | undefined {
    return this.isSnubbed ? 0 : this.window.bytesPerSecond
  }

  get mayBeAsked(): boolean {
    if (this.lackingCount === 0) return false
    return this.isChoking ? this.#allowedFast !== undefined : !this.refusals.areTooMany
  }

  get onlyPieces(): Iterable<number> | undefined {
    return this.isChoking ? (this.#allowedFast ?? NO_PIECES) : undefined
  }

  canSend(piece: number): boolean {
    return !this.isChoking && !this.isSnubbed && !this.refusals.has(piece) && this.pieces.has(piece)
  }

  preferred(isOfUse: (piece: number) => boolean, mayBegin: (piece: number) => boolean): number | undefined {
    return this.suggested.first(isOfUse, mayBegin)
  }

  // Requests.

  requestMore(): void {
    if (this.isSnubbed) {
      this.#probe()
      return
    }
    const { size } = this.window
    const { awaitedCount } = this.ledger.requests
    // Nearly full is full enough: what is asked for in one go costs both sides less than what is asked for bit by bit.
    if (awaitedCount > size * FULL_ENOUGH) return
    const room = Math.min(size - awaitedCount, this.ledger.requests.room)
    if (room <= 0) return
    this.#owner.downloader.fill(this, room)
    this.window.onAsked(awaitedCount, this.ledger.requests.awaitedCount, this.#owner.now)
  }

  ask(piece: number, block: number): void {
    this.ledger.asked(piece, block, this.#owner.now)
    this.link.request(piece, block * BLOCK_LENGTH, this.#owner.map.blockLength(piece, block))
  }

  cameElsewhere(piece: number, block: number): void {
    if (!this.ledger.takeBack(piece, block)) return
    this.link.cancel(piece, block * BLOCK_LENGTH, this.#owner.map.blockLength(piece, block))
  }

  onBlock(length: number, now: number): void {
    this.ledger.came(length, now)
    this.isSnubbed = false
    this.window.onBlock(now)
  }

  /** Call once a second: the window follows the rate, and a peer that sends nothing is snubbing us. */
  onSecond(now: number): void {
    this.ledger.onSecond(now)
    this.refusals.onSecond(now)
    this.window.onSecond(this.ledger.bytesPerSecond)
    this.#checkSnubbed(now)
  }

  /** A block is requested from it while it snubs us; other peers may be asked for the same block. */
  #probe(): void {
    if (!this.window.takeProbe()) return
    this.#owner.downloader.fill(this, 1)
    const last = this.ledger.requests.length - 1
    if (last >= 0) this.ledger.release(last)
    this.#owner.downloader.leave(this)
  }

  #checkSnubbed(now: number): void {
    const { requests } = this.ledger
    const waiting = this.isSnubbed ? requests.length : requests.awaitedCount
    if (waiting === 0) {
      // The last request was rejected, not left waiting: another may be made.
      if (this.isSnubbed) this.window.snub()
      return
    }
    if (this.ledger.silentMs(now) < SNUB_MS) return
    if (this.isChoking) {
      // It should have rejected them (BEP 6).
      this.#takeBackAll()
      return
    }
    // It is still silent: requests that were given back the last time are lost.
    this.ledger.expireReleased()
    this.isSnubbed = true
    this.window.snub()
    // Other peers may be asked for its blocks; if it sends them all the same, they are used.
    this.ledger.releaseAll()
    this.#owner.downloader.leave(this)
  }

  #takeBackAll(): void {
    this.ledger.takeBackAll()
    this.#owner.downloader.leave(this)
  }

  // Its messages about requests.

  choke(): void {
    if (this.isChoking) return
    this.isChoking = true
    if (!this.supportsFast) {
      this.#takeBackAll()
      // A peer that chokes and unchokes for nothing is asked for little each time: else ten of its bytes cost us a whole window.
      this.window.startOver(Math.ceil((this.received.total - this.#receivedAtUnchoke) / BLOCK_LENGTH))
      return
    }
    // With the fast extension each request is answered all the same (BEP 6), and a piece may be finished.
    const { downloader } = this.#owner
    if (this.current === undefined || !this.mayAskFor(this.current.piece)) downloader.leave(this)
    else downloader.requestMore(this)
  }

  unchoke(): void {
    if (!this.isChoking) return
    this.isChoking = false
    this.refusals.clear()
    this.#receivedAtUnchoke = this.received.total
    this.window.restart()
    this.#owner.downloader.requestMore(this)
  }

  reject(piece: number, offset: number): void {
    if (!this.supportsFast) {
      this.violation('reject without the fast extension')
      return
    }
    const block = Math.floor(offset / BLOCK_LENGTH)
    const position = this.ledger.requests.find(piece, block)
    if (position < 0) {
      if (!this.ledger.takenBack.rejected(piece, block))
        this.violation('rejects of blocks that were not requested')
      return
    }
    if (this.isChoking) this.endAllowedFast(piece)
    else this.refusals.add(piece, this.#owner.now)
    this.ledger.forget(position)
    // Other peers may have more success with it.
    if (this.current?.piece === piece) this.#owner.downloader.leave(this)
  }

  allowedFast(piece: number): void {
    if (piece >= this.pieces.length) {
      this.violation(`allowed-fast of piece ${piece}`)
      return
    }
    this.#allowedFast ??= new BoundedSet<number>(MAX_ALLOWED_FAST)
    // It is requested at the end of the turn, once for all pieces that were allowed in it.
    this.#allowedFast.add(piece)
  }

  /** The piece is of no use any more, or refused after all. */
  endAllowedFast(piece: number): void {
    if (this.#allowedFast?.delete(piece) === true && this.#allowedFast.size === 0)
      this.#allowedFast = undefined
  }

  suggest(piece: number): void {
    if (this.heedsSuggestions && piece < this.pieces.length) this.suggested.add(piece)
  }

  /** It has lost a piece (BEP 54). With the fast extension it rejects each request; without it they are dropped, as by a choke. */
  noLongerHas(piece: number): void {
    if (this.current?.piece === piece) this.#owner.downloader.leave(this)
    if (this.supportsFast) return
    const { requests, takenBack } = this.ledger
    for (let position = requests.length - 1; position >= 0; position--) {
      if (requests.pieceAt(position) !== piece) continue
      // The block may be under way already.
      takenBack.add(piece, requests.blockAt(position))
      this.ledger.forget(position)
    }
  }

  abstract drop(reason: CloseReason, detail: string): void

  /** It broke the protocol. */
  protected abstract violation(detail: string): void
}
