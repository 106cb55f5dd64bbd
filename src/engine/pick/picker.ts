import type { Bitfield } from '../../base/bitfield.js'
import type { Random } from '../../base/random.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import type { Contributor } from '../download/contributor.js'
import type { Received } from '../download/piece-download.js'
import type { PickingSource } from '../download/source.js'
import { EXCLUSIVE_SECONDS } from '../limits.js'
import { type ActivePiece, ActivePieces } from './active-pieces.js'
import type { PickablePieces } from './pickable-pieces.js'
import { beginningOfRun } from './runs.js'
import { Suspicions } from './suspicions.js'
import type { WantedPieces } from './wanted-pieces.js'

/** Blocks that a source is given a second time in one go, when all are asked for (endgame). */
const ENDGAME_BATCH = 16

/** Pieces with open blocks have no more blocks than these together (32 MiB) before they are gone on with first. */
const MAX_OPEN_BLOCKS = 2_048

/** A source that can send a whole piece in this time has pieces to itself. */
const WHOLE_PIECE_SECONDS = 20

/**
 * Decides which block is requested from which source. Pieces in progress are finished first. A fast source works through pieces of
 * its own, in order, so that they can be hashed as they come; slow ones share theirs, so that pieces complete soon and can be
 * uploaded. In endgame a block is requested from two sources at most.
 *
 * A piece is in one of these places: `pickable`, in progress (`#active`), complete and being verified (`#verifying`), in `have`,
 * or not wanted.
 */
export class Picker {
  readonly pickable: PickablePieces
  readonly suspicions = new Suspicions()
  readonly #map: PieceMap
  readonly #random: Random
  readonly #active = new ActivePieces()
  readonly #verifying = new Map<number, ActivePiece>()

  constructor(map: PieceMap, pickable: PickablePieces, random: Random) {
    this.#map = map
    this.pickable = pickable
    this.#random = random
  }

  get wanted(): WantedPieces {
    return this.pickable.wanted
  }

  /** Verified pieces. */
  get have(): Bitfield {
    return this.wanted.have
  }

  /** Every wanted piece has been begun, and every block requested. */
  get isEndgame(): boolean {
    return this.pickable.size === 0 && this.#active.openBlocks === 0 && this.#active.size > 0
  }

  /** The piece can be verified from now on, and may be begun. */
  want(piece: number): void {
    if (!this.have.has(piece) && !this.#active.has(piece) && !this.#verifying.has(piece)) {
      this.pickable.add(piece)
    }
  }

  // Blocks.

  /** True where a block is requested, and not here yet. */
  isExpected(piece: number, block: number): boolean {
    return this.#active.get(piece)?.isReceived(block) === false
  }

  /** Requests up to `count` more open blocks from a source. @returns the number that is missing, as there are no more */
  fill(source: PickingSource, count: number): number {
    let left = count
    while (left > 0) {
      const active = this.#workOf(source)
      if (active === undefined) break
      source.ask(active.piece, this.#active.takeOpen(active, source))
      left--
    }
    return left
  }

  /** In the endgame: asks a source for some blocks that others were asked for. */
  fillTwice(source: PickingSource, count: number): void {
    if (!this.isEndgame) return
    let left = Math.min(count, ENDGAME_BATCH)
    for (const active of this.#active.all) {
      if (!canAsk(source, active)) continue
      const from = this.#random.below(active.blockCount)
      for (; left > 0; left--) {
        const block = active.takeSecond(source, source.ledger.requests, from)
        if (block < 0) break
        source.ask(active.piece, block)
      }
      if (left === 0) return
    }
  }

  /** A block has come. */
  received(piece: number, block: number, sender: Contributor): Received {
    const active = this.#active.get(piece)
    if (active === undefined) return 'duplicate'
    const received = this.#active.receive(active, block, sender)
    if (active.isComplete) this.#verifying.set(piece, active)
    return received
  }

  /** A source will not send a block that was requested from it. */
  release(piece: number, block: number): void {
    const active = this.#active.get(piece)
    if (active !== undefined && !this.#active.release(active, block)) this.pickable.add(piece)
  }

  /** A source stops working on its piece: a peer choked us, or it is gone. Its requests are released one by one before. */
  leave(source: PickingSource): void {
    const active = source.current
    source.current = undefined
    if (active?.owner === source && !this.#active.share(active)) this.pickable.add(active.piece)
  }

  /** A contributor is gone: pieces that were left to it alone are open to all at once. */
  endReservations(contributor: Contributor): void {
    for (const active of this.#active.all)
      if (active.reservedFor === contributor) active.reservedFor = undefined
  }

  // Pieces.

  /** A complete piece is good. Returns the contributors to it. */
  verified(piece: number): ActivePiece | undefined {
    const active = this.#verifying.get(piece)
    this.#verifying.delete(piece)
    this.suspicions.delete(piece)
    this.wanted.verified(piece)
    return active
  }

  /** A piece whose blocks are all here and are being verified. */
  verifying(piece: number): ActivePiece | undefined {
    return this.#verifying.get(piece)
  }

  /** A complete piece is bad: it is wanted anew. */
  failed(piece: number): void {
    const active = this.#verifying.get(piece)
    if (!this.#verifying.delete(piece)) return
    this.suspicions.add(piece, active?.contributors ?? [])
    this.want(piece)
  }

  /** The received blocks of a piece are lost, through no fault of the sources: it is fetched again. */
  restart(piece: number): void {
    if (this.#verifying.delete(piece)) {
      this.want(piece)
      return
    }
    const active = this.#active.get(piece)
    if (active !== undefined && !this.#active.reopen(active)) this.pickable.add(piece)
  }

  /** Verified pieces were lost: they are wanted again. */
  lost(piece: number): void {
    this.wanted.lost(piece)
    this.want(piece)
  }

  /** Call once a second: pieces that were left to one source for long enough are open to others. */
  onSecond(): void {
    for (const active of this.#active.all) active.onSecond()
  }

  #workOf(source: PickingSource): ActivePiece | undefined {
    const current = source.current
    if (current !== undefined && this.#active.isOpen(current)) return current
    if (current?.owner === source) current.owner = undefined
    const active = this.#nextOf(source)
    source.current = active
    if (active !== undefined && active.owner === undefined && this.#getsWhole(source, active))
      this.#active.assign(active, source)
    return active
  }

  #getsWhole(source: PickingSource, active: ActivePiece): boolean {
    if (active.reservedFor === source.contributor) return true
    const { expectedRate } = source
    return expectedRate === undefined || expectedRate * WHOLE_PIECE_SECONDS >= this.#map.pieceLength
  }

  #nextOf(source: PickingSource): ActivePiece | undefined {
    const mayBegin = this.#active.openPieceBlocks < MAX_OPEN_BLOCKS
    const begun = mayBegin ? this.#active.shared : this.#active.open
    return (
      (mayBegin ? this.#preferredBy(source) : undefined) ??
      this.#joinedBy(source, begun) ??
      this.#beginFor(source) ??
      this.#findOpen(this.#active.open, source, false)
    )
  }

  /** A piece that others have begun. One that takes runs has pieces of its own first, as a suspect has. */
  #joinedBy(source: PickingSource, begun: Iterable<ActivePiece>): ActivePiece | undefined {
    return this.#findOpen(begun, source, source.contributor.isSuspect || source.runLength > 0)
  }

  #findOpen(
    begun: Iterable<ActivePiece>,
    source: PickingSource,
    isReserved: boolean,
  ): ActivePiece | undefined {
    for (const active of begun) {
      if (isReserved && active.reservedFor !== source.contributor) continue
      if (canAsk(source, active)) return active
    }
    return undefined
  }

  #beginFor(source: PickingSource): ActivePiece | undefined {
    const piece = this.#newPieceFor(source)
    return piece === undefined ? undefined : this.#begin(source, piece)
  }

  /** A seeder suggests pieces that no other peer has yet; where the order does not matter, these are best begun first. */
  #preferredBy(source: PickingSource): ActivePiece | undefined {
    if (source.contributor.isSuspect) return undefined
    const piece = source.preferred(
      candidate => this.pickable.has(candidate),
      candidate =>
        this.pickable.isAmongNext(candidate) && source.pieces.has(candidate) && source.mayAskFor(candidate),
    )
    return piece === undefined ? undefined : this.#begin(source, piece)
  }

  #begin(source: PickingSource, piece: number): ActivePiece {
    this.pickable.remove(piece)
    const active = this.#active.begin(piece, this.#map.blockCount(piece))
    if (this.suspicions.takeAttempt(piece) || source.contributor.isSuspect) {
      active.reserve(source.contributor, EXCLUSIVE_SECONDS)
    }
    return active
  }

  #newPieceFor(source: PickingSource): number | undefined {
    // A good copy of these tells which contributors sent bad blocks.
    for (const piece of this.suspicions.pieces) if (this.#canBegin(source, piece)) return piece
    if (source.runLength > 0) return beginningOfRun(this.pickable, source, source.runLength)
    if (source.onlyPieces === undefined) return this.pickable.pick(source.pieces, source.mayAskFor)
    // They are few, and there may be millions of pickable pieces.
    for (const piece of source.onlyPieces) if (this.#canBegin(source, piece)) return piece
    return undefined
  }

  #canBegin(source: PickingSource, piece: number): boolean {
    return this.pickable.has(piece) && source.pieces.has(piece) && source.mayAskFor(piece)
  }
}

function canAsk(source: PickingSource, active: ActivePiece): boolean {
  return (
    active.isOpenTo(source.contributor) && source.pieces.has(active.piece) && source.mayAskFor(active.piece)
  )
}
