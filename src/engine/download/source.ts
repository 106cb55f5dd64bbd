import type { Bitfield } from '../../base/bitfield.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import type { CloseReason } from '../world.js'
import type { Contributor } from './contributor.js'
import type { Ledger } from './ledger.js'
import type { PieceDownload } from './piece-download.js'

/** A source of blocks as the picker sees it. */
export interface PickingSource {
  /** The pieces that it has. */
  readonly pieces: Bitfield
  readonly ledger: { readonly requests: Ledger['requests'] }
  readonly contributor: Contributor
  /** Expected bytes a second: 0 where it does not answer, undefined while nothing is known. */
  readonly expectedRate: number | undefined
  /** The piece that it works through. */
  current: PieceDownload<PickingSource> | undefined
  /**
   * The number of consecutive pieces that are requested from it at a time, none of which another source has begun; 0 where single pieces
   * are requested, in any order.
   */
  readonly runLength: number
  /** The few pieces that may be requested from it; undefined where all that it has may be. */
  readonly onlyPieces: Iterable<number> | undefined
  /** False for pieces that must not be requested from it now. */
  readonly mayAskFor: (piece: number) => boolean
  /**
   * The piece that it prefers to be asked for.
   * @param isOfUse whether a piece is still to be begun; others may be forgotten
   * @param mayBegin whether a piece may be begun now
   */
  preferred(isOfUse: (piece: number) => boolean, mayBegin: (piece: number) => boolean): number | undefined
  /** Requests a block from it. */
  ask(piece: number, block: number): void
}

/**
 * Something that blocks come from. It decides how many requests it has at a time, and what becomes of those that are not
 * answered; the downloader decides on the blocks that come, and the picker which blocks are requested from it.
 */
export interface BlockSource extends PickingSource {
  readonly ledger: Ledger
  /** False where no request to it makes sense now. */
  readonly mayBeAsked: boolean
  /** Whether it could send a piece now. */
  canSend(piece: number): boolean
  /** It may have room for requests: it asks the downloader to fill it. */
  requestMore(): void
  /** A requested block has come, whether it is of use or not. */
  onBlock(length: number, now: number): void
  /** A block that was requested from it came from another source. */
  cameElsewhere(piece: number, block: number): void
  /** Once a second. */
  onSecond(now: number): void
  /** It broke the protocol, or is of no use: nothing more is requested of it, or can come. */
  drop(reason: CloseReason, detail: string): void
}

/** A source that is asked for much more than it has begun to send, and can do without the rest of it. */
export interface YieldingSource extends BlockSource {
  /**
   * Gives back a piece that another source may take, and all that was requested behind it; false where there is none.
   * @param mayTake whether it may; `isNext`: nothing is under way before that piece
   */
  yieldPiece(mayTake: (piece: number, isNext: boolean) => boolean): boolean
}

/** The torrent, as a source sees it. */
export interface SourceOwner {
  readonly now: number
  readonly map: PieceMap
  readonly downloader: SourceDownloader
}

export interface SourceDownloader {
  /** Requests up to `count` more blocks from a source. */
  fill(source: BlockSource, count: number): void
  /** As `BlockSource.requestMore`, unless the source is gone or of no use. */
  requestMore(source: BlockSource): void
  /** A source stops working on its piece. */
  leave(source: BlockSource): void
  giveBack(piece: number, block: number): void
  /** Whether a block was requested and is not here yet. */
  isExpected(piece: number, block: number): boolean
  /** Whether a piece that had a bad copy may be requested from a source. */
  trusts(source: BlockSource, piece: number): boolean
}
