import type { Bitfield } from '../../base/bitfield.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import type { Contributor } from './contributor.js'
import type { Ledger } from './ledger.js'
import type { PieceDownload } from './piece-download.js'

/** A source of blocks as the picker sees it: which pieces it may be given, and how. */
export interface PickingSource {
  /** The pieces it has. */
  readonly pieces: Bitfield
  readonly ledger: { readonly requests: Ledger['requests'] }
  readonly contributor: Contributor
  /** Bytes a second that it can be expected to send: 0 where it does not answer, undefined while nothing is known. */
  readonly expectedRate: number | undefined
  /** The piece it works through. */
  current: PieceDownload<PickingSource> | undefined
  /** The few pieces that it may be asked for; undefined where all that it has are open to us. */
  readonly onlyPieces: Iterable<number> | undefined
  /** False for pieces that it may not be asked for now. */
  readonly mayAskFor: (piece: number) => boolean
  /**
   * A piece that it would rather be asked for than any other.
   * @param isOfUse whether a piece is still to be begun: others may be forgotten
   * @param mayBegin whether it may be begun now
   */
  preferred(isOfUse: (piece: number) => boolean, mayBegin: (piece: number) => boolean): number | undefined
  /** Asks it for a block. */
  ask(piece: number, block: number): void
}

/**
 * Something that blocks come from. How it is asked, how much at a time and what becomes of a request that is not answered is its own
 * affair; the downloader decides what becomes of blocks, and the picker which of them are asked of it.
 */
export interface BlockSource extends PickingSource {
  readonly ledger: Ledger
  /** False where there is no point in asking it for anything now. */
  readonly mayBeAsked: boolean
  /** Whether it could send a piece now, if it were asked for it. */
  canSend(piece: number): boolean
  /** It has room for requests, or may have: it asks the downloader to fill it. */
  requestMore(): void
  /** A block has come that was asked for, whether it is of use or not. */
  onBlock(length: number, now: number): void
  /** A block that it was asked for came from elsewhere. */
  cameElsewhere(piece: number, block: number): void
  /** Once a second. */
  onSecond(now: number): void
}

/** What a source needs of its torrent. */
export interface SourceOwner {
  readonly now: number
  readonly map: PieceMap
  readonly downloader: SourceDownloader
}

export interface SourceDownloader {
  /** Asks a source for up to `count` more blocks. */
  fill(source: BlockSource, count: number): void
  /** As `BlockSource.requestMore`, unless the source is gone or of no use. */
  requestMore(source: BlockSource): void
  /** A source stops working on its piece. */
  leave(source: BlockSource): void
  giveBack(piece: number, block: number): void
  /** Whether a source may be asked for a piece of which a bad copy came. */
  trusts(source: BlockSource, piece: number): boolean
}
