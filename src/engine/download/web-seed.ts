// BEP 19: a web server that has the content is a source of blocks which never chokes.

import type { Bitfield } from '../../base/bitfield.js'
import { BLOCK_LENGTH } from '../../protocol/metainfo/metainfo.js'
import { SNUB_MS } from '../limits.js'
import type { CloseReason } from '../world.js'
import { newWebSeedContributor, type WebSeedContributor } from './contributor.js'
import { Ledger } from './ledger.js'
import type { PieceDownload } from './piece-download.js'
import type { PickingSource, SourceOwner, YieldingSource } from './source.js'

/** Seconds of data that are requested at a time: few requests for the server, and pieces that peers can still take over. */
const RANGE_SECONDS = 10

/** 256 KiB and the rest of a piece, until a server has shown what it can send: it may not answer at all. */
const FIRST_RANGE_BLOCKS = 16

/** 64 KiB and 16 MiB. */
const MIN_RANGE_BLOCKS = 4
const MAX_RANGE_BLOCKS = 1_024

/** A range is extended to the end of its last piece, and kept as it is, while the server can send it in this time. */
const HELD_SECONDS = 20

/** The next range is requested when this part of the one before is left, so that the server never waits for it. */
const REFILL = 1 / 4

/** Requests that can be open: a range, and the rest of a piece of 16 MiB. */
const REQUEST_CAPACITY = 2_048

/** Wait after a request that failed (ms), doubled each time until a block comes. */
const FIRST_RETRY_MS = 5_000
const MAX_RETRY_MS = 10 * 60_000

/** The way to one web server: a part of the machine, or of the simulated world. */
export interface WebSeedLink {
  /** Requests bytes from a place in a piece on, into the pieces that follow. Ranges are answered in the order of these calls. */
  request(piece: number, offset: number, length: number): void
  /** Neither the requested bytes from this place on are wanted any more, nor any range behind them: no block of them comes. */
  endBefore(piece: number, offset: number): void
  /** The engine has forgotten the web seed by then. */
  close(reason: CloseReason, detail: string): void
}

export interface WebSeedIntroduction {
  /** Its identity. */
  readonly url: string
  /** The pieces that the server has. */
  readonly pieces: Bitfield
  readonly link: WebSeedLink
}

/** The torrent, as its web seeds see it. */
export interface WebSeedOwner extends SourceOwner {
  readonly webSeeds: { drop(seed: WebSeed, reason: CloseReason, detail: string): void }
}

/**
 * A web server as a source of blocks. It is asked for runs of whole pieces, which come in one stream: a block that came from
 * elsewhere meanwhile still comes, and only the end of what was requested can be given up.
 */
export class WebSeed implements YieldingSource {
  readonly pieces: Bitfield
  readonly contributor: WebSeedContributor
  readonly ledger: Ledger
  readonly link: WebSeedLink
  readonly onlyPieces = undefined
  readonly mayAskFor: (piece: number) => boolean
  current: PieceDownload<PickingSource> | undefined
  readonly #owner: WebSeedOwner
  /** The piece of the last block that was requested. */
  #lastPiece = -1
  /** Requests that failed since a block came. */
  #failures = 0
  #mayAskAt = Number.NEGATIVE_INFINITY

  constructor(owner: WebSeedOwner, { url, pieces, link }: WebSeedIntroduction) {
    this.#owner = owner
    this.pieces = pieces
    this.link = link
    this.contributor = newWebSeedContributor(url)
    this.ledger = new Ledger(owner.downloader, REQUEST_CAPACITY, owner.now)
    this.mayAskFor = piece => owner.downloader.trusts(this, piece)
  }

  get expectedRate(): number | undefined {
    return this.ledger.bytesPerSecond > 0 ? this.ledger.bytesPerSecond : undefined
  }

  get mayBeAsked(): boolean {
    return this.#owner.now >= this.#mayAskAt
  }

  canSend(piece: number): boolean {
    return this.mayBeAsked && this.pieces.has(piece)
  }

  /** The piece behind the last one: so that a run goes on. */
  preferred(isOfUse: (piece: number) => boolean, mayBegin: (piece: number) => boolean): number | undefined {
    const next = this.#lastPiece + 1
    return isOfUse(next) && mayBegin(next) ? next : undefined
  }

  requestMore(): void {
    const { requests } = this.ledger
    const { downloader } = this.#owner
    const size = this.#rangeBlocks
    if (requests.length > size * REFILL) return
    const before = requests.length
    // Each range is a run of its own: servers and peers are to have different pieces to send.
    this.#lastPiece = -1
    downloader.fill(this, size - before)
    // The rest of the last piece, so that it is all from here.
    const rest = this.current?.openCount ?? 0
    if (requests.length + rest <= this.#mostBlocks) downloader.fill(this, rest)
    this.#requestFrom(before)
  }

  ask(piece: number, block: number): void {
    this.#lastPiece = piece
    this.ledger.asked(piece, block, this.#owner.now)
  }

  onBlock(length: number, now: number): void {
    this.ledger.came(length, now)
    this.#failures = 0
  }

  /** The stream goes on while there is something in it that is of use. */
  cameElsewhere(): void {
    const { requests } = this.ledger
    for (let position = 0; position < requests.length; position++)
      if (this.#owner.downloader.isExpected(requests.pieceAt(position), requests.blockAt(position))) return
    this.#giveBackFrom(0)
  }

  /** Of several pieces the last one, and none of which a block has come. */
  yieldPiece(mayTake: (piece: number, isNext: boolean) => boolean): boolean {
    const { requests } = this.ledger
    for (let position = requests.length - 1; position >= 0; position--) {
      if (requests.blockAt(position) !== 0 || !mayTake(requests.pieceAt(position), position === 0)) continue
      this.#giveBackFrom(position)
      return true
    }
    return false
  }

  onSecond(now: number): void {
    this.ledger.onSecond(now)
    // Blocks that a server would send too late can come from others sooner.
    this.#giveBackFrom(this.#mostBlocks)
    if (this.ledger.requests.length > 0 && this.ledger.silentMs(now) >= SNUB_MS) this.failed()
  }

  /** A request failed: others may have its blocks, and this server is asked again after a while. */
  failed(): void {
    this.#giveBackFrom(0)
    this.#mayAskAt = this.#owner.now + Math.min(FIRST_RETRY_MS * 2 ** this.#failures, MAX_RETRY_MS)
    this.#failures++
  }

  drop(reason: CloseReason, detail: string): void {
    this.#owner.webSeeds.drop(this, reason, detail)
  }

  get runLength(): number {
    return Math.max(1, Math.round((this.#rangeBlocks * BLOCK_LENGTH) / this.#owner.map.pieceLength))
  }

  get #rangeBlocks(): number {
    const { expectedRate } = this
    if (expectedRate === undefined) return FIRST_RANGE_BLOCKS
    const blocks = Math.ceil((expectedRate * RANGE_SECONDS) / BLOCK_LENGTH)
    return Math.min(MAX_RANGE_BLOCKS, Math.max(MIN_RANGE_BLOCKS, blocks))
  }

  /** Blocks that may be open, so that it is not too long before they come. */
  get #mostBlocks(): number {
    const { expectedRate } = this
    if (expectedRate === undefined) return REQUEST_CAPACITY
    const blocks = Math.ceil((expectedRate * HELD_SECONDS) / BLOCK_LENGTH)
    return Math.min(REQUEST_CAPACITY, Math.max(MIN_RANGE_BLOCKS, blocks))
  }

  #giveBackFrom(position: number): void {
    const { requests } = this.ledger
    if (position >= requests.length) return
    const [piece, block] = [requests.pieceAt(position), requests.blockAt(position)]
    this.#owner.downloader.leave(this)
    while (requests.length > position) this.ledger.forget(requests.length - 1)
    this.link.endBefore(piece, block * BLOCK_LENGTH)
  }

  /** Sends the requests from this position on, those in one run as one. */
  #requestFrom(position: number): void {
    const { requests } = this.ledger
    const { map } = this.#owner
    let first = position
    let length = 0
    for (let at = position; at < requests.length; at++) {
      const [piece, block] = [requests.pieceAt(at), requests.blockAt(at)]
      length += map.blockLength(piece, block)
      const isLastOfPiece = block + 1 === map.blockCount(piece)
      const nextPiece = isLastOfPiece ? piece + 1 : piece
      const nextBlock = isLastOfPiece ? 0 : block + 1
      if (
        requests.pieceAt(at + 1) === nextPiece &&
        requests.blockAt(at + 1) === nextBlock &&
        at + 1 < requests.length
      )
        continue
      this.link.request(requests.pieceAt(first), requests.blockAt(first) * BLOCK_LENGTH, length)
      first = at + 1
      length = 0
    }
  }
}
