import type { Contributor } from '../download/contributor.js'
import { PieceDownload, type Received } from '../download/piece-download.js'
import type { PickingSource } from '../download/source.js'

export type ActivePiece = PieceDownload<PickingSource>

/**
 * The pieces in progress, and what of them is open: requested from no source. A piece that no source has to itself is shared by all
 * that have it.
 */
export class ActivePieces {
  readonly #byPiece = new Map<number, ActivePiece>()
  /** Those with open blocks. */
  readonly #open = new Set<ActivePiece>()
  /** Of these, those that no source has to itself. */
  readonly #shared = new Set<ActivePiece>()
  #openBlocks = 0
  #openPieceBlocks = 0

  /** The number of pieces in progress. */
  get size(): number {
    return this.#byPiece.size
  }

  get all(): Iterable<ActivePiece> {
    return this.#byPiece.values()
  }

  /** Those with open blocks, in the order in which they got them. */
  get open(): Iterable<ActivePiece> {
    return this.#open
  }

  /** Those with open blocks that no source has to itself. */
  get shared(): Iterable<ActivePiece> {
    return this.#shared
  }

  get openBlocks(): number {
    return this.#openBlocks
  }

  /** All blocks of the pieces with open blocks. */
  get openPieceBlocks(): number {
    return this.#openPieceBlocks
  }

  get(piece: number): ActivePiece | undefined {
    return this.#byPiece.get(piece)
  }

  has(piece: number): boolean {
    return this.#byPiece.has(piece)
  }

  isOpen(active: ActivePiece): boolean {
    return this.#open.has(active)
  }

  /** Begins a piece; it is shared at first. */
  begin(piece: number, blockCount: number): ActivePiece {
    const active: ActivePiece = new PieceDownload(piece, blockCount)
    this.#byPiece.set(piece, active)
    this.#openBlocks += blockCount
    this.#opened(active)
    this.#shared.add(active)
    return active
  }

  /** Takes the first open block of an open piece, to be requested from a source. */
  takeOpen(active: ActivePiece, source: PickingSource): number {
    const block = active.takeOpen(source)
    this.#openBlocks--
    if (active.openCount === 0) this.#closed(active)
    return block
  }

  /** A block has come. With the last one the piece is no longer in progress. */
  receive(active: ActivePiece, block: number, sender: Contributor): Received {
    const openBefore = active.openCount
    const received = active.receive(block, sender)
    if (active.openCount < openBefore) {
      this.#openBlocks--
      if (active.openCount === 0) this.#closed(active)
    }
    if (active.isComplete) this.#byPiece.delete(active.piece)
    return received
  }

  /** A source has a piece to itself from now on. */
  assign(active: ActivePiece, source: PickingSource): void {
    active.owner = source
    this.#shared.delete(active)
  }

  /** No source has a piece to itself any more. False where nothing of it came or is requested: it is not in progress then. */
  share(active: ActivePiece): boolean {
    active.owner = undefined
    return !this.#open.has(active) || this.#keepShared(active)
  }

  /** A source will not send a block that was requested from it. @returns as `share` */
  release(active: ActivePiece, block: number): boolean {
    if (!active.release(block)) return true
    this.#openBlocks++
    if (active.openCount === 1) this.#opened(active)
    return active.owner !== undefined || this.#keepShared(active)
  }

  /** The received blocks of a piece are lost. @returns as `share` */
  reopen(active: ActivePiece): boolean {
    const openBefore = active.openCount
    active.reopen()
    this.#openBlocks += active.openCount - openBefore
    if (openBefore === 0 && active.openCount > 0) this.#opened(active)
    return active.owner !== undefined || active.openCount === 0 || this.#keepShared(active)
  }

  /** False where a piece with open blocks is as if it had never begun: it is not in progress any more. */
  #keepShared(active: ActivePiece): boolean {
    if (!active.isUntouched) {
      this.#shared.add(active)
      return true
    }
    this.#byPiece.delete(active.piece)
    this.#openBlocks -= active.openCount
    this.#closed(active)
    return false
  }

  #opened(active: ActivePiece): void {
    this.#open.add(active)
    this.#openPieceBlocks += active.blockCount
  }

  #closed(active: ActivePiece): void {
    this.#open.delete(active)
    this.#shared.delete(active)
    this.#openPieceBlocks -= active.blockCount
  }
}
