import type { Bitfield } from '../../base/bitfield.js'
import type { Random } from '../../base/random.js'
import { Availability } from './availability.js'
import { makeStrategy, type PickOrder } from './make-strategy.js'
import { NORMAL, NOT_WANTED } from './priorities.js'
import type { PieceStrategy } from './strategy.js'

/** Priorities are 0 to 7. */
const LEVELS = 8

/**
 * How the pieces of a peer are counted: those of a seed by one number, those of others one by one. Going from one to the other takes
 * time for all pieces, so that a peer that has lost a piece (BEP 54) is never counted as a seed again, whatever it has.
 */
export type CountedAs = 'leecher' | 'seed' | 'leecher-for-good'

/** A peer, and what it has. */
export interface PieceHolder {
  readonly pieces: Bitfield
  countedAs: CountedAs
}

/**
 * Which pieces are missing, and in which order they are begun. The candidates stand by priority: each level has a strategy of
 * its own, made when it is first needed, and is picked from when those above it have nothing to offer.
 */
export class WantedPieces {
  /** Verified pieces. */
  readonly have: Bitfield
  readonly availability: Availability
  readonly #isSequential: boolean
  readonly #makeStrategy: () => PieceStrategy
  readonly #levels = new Array<PieceStrategy | undefined>(LEVELS)
  /** By piece; undefined while all are of normal priority. */
  #priorities: Uint8Array | undefined
  /** Verified or not wanted; the same as `have` while all are wanted. */
  #settled: Bitfield
  #size = 0
  /** Priorities are being set, one after the other: until they all are, nothing is done that was not before. */
  #selection: { readonly wasDone: boolean } | undefined

  /** @param have pieces that are here already; no other is a candidate yet */
  constructor(have: Bitfield, order: PickOrder, random: Random) {
    this.have = have
    this.#settled = have
    this.#isSequential = order === 'sequential'
    this.availability = new Availability(have.length)
    this.#makeStrategy = () => makeStrategy(order, have.length, this.availability, random)
  }

  /** Every piece that is wanted is here and verified. While priorities are being set it is what it was before. */
  get isDone(): boolean {
    return this.#selection?.wasDone ?? this.#settled.isFull
  }

  /** Whether priorities are being set. */
  get isBeingSelected(): boolean {
    return this.#selection !== undefined
  }

  /** Priorities are set from now on, in steps, until `endSelection`; another selection may take the place of this one. */
  beginSelection(): void {
    this.#selection ??= { wasDone: this.isDone }
  }

  /** All priorities are set. True where that made it done. */
  endSelection(): boolean {
    const wasDone = this.isDone
    this.#selection = undefined
    return !wasDone && this.isDone
  }

  /** Whether a piece is wanted and not here yet. */
  lacks(piece: number): boolean {
    return !this.#settled.has(piece)
  }

  /** How many of these pieces are wanted and not here yet. */
  countLacking(pieces: Bitfield): number {
    return pieces.countWithout(this.#settled)
  }

  /** The piece is here and verified, and was no candidate any more. */
  verified(piece: number): void {
    this.have.add(piece)
    this.#settled.add(piece)
  }

  /** The piece is no longer here; it becomes a candidate by `add` only. */
  lost(piece: number): void {
    this.have.delete(piece)
    if (this.priorityOf(piece) !== NOT_WANTED) this.#settled.delete(piece)
  }

  // Candidates: what is wanted and not begun.

  /** How many candidates there are. */
  get size(): number {
    return this.#size
  }

  has(piece: number): boolean {
    return this.#levels[this.priorityOf(piece)]?.has(piece) ?? false
  }

  /** Makes a piece a candidate, unless it is not wanted. */
  add(piece: number): void {
    const number = this.priorityOf(piece)
    if (number === NOT_WANTED) return
    let level = this.#levels[number]
    if (level === undefined) {
      level = this.#makeStrategy()
      this.#levels[number] = level
    }
    const before = level.size
    level.add(piece)
    this.#size += level.size - before
  }

  remove(piece: number): void {
    const level = this.#levels[this.priorityOf(piece)]
    if (level === undefined) return
    const before = level.size
    level.remove(piece)
    this.#size += level.size - before
  }

  /** Whether a candidate may be begun next: none stands above it, and those beside it are in no strict order. */
  isAmongNext(piece: number): boolean {
    const number = this.priorityOf(piece)
    if (this.#isSequential) return false
    return this.#levels.every((level, at) => at <= number || level === undefined || level.size === 0)
  }

  /** As `PieceStrategy.pick`, from the highest level that has something. */
  pick(offered: Bitfield, accepts: (piece: number) => boolean): number | undefined {
    for (let number = LEVELS - 1; number > NOT_WANTED; number--) {
      const piece = this.#levels[number]?.pick(offered, accepts)
      if (piece !== undefined) return piece
    }
    return undefined
  }

  // The order of candidates.

  priorityOf(piece: number): number {
    return this.#priorities?.[piece] ?? NORMAL
  }

  /** A candidate that is not wanted any more is none; one that is wanted again becomes one by `add` only. */
  setPriority(piece: number, priority: number): void {
    if (this.priorityOf(piece) === priority) return
    const isCandidate = this.has(piece)
    if (isCandidate) this.remove(piece)
    this.#priorities ??= new Uint8Array(this.have.length).fill(NORMAL)
    this.#priorities[piece] = priority
    if (isCandidate) this.add(piece)
    this.#settle(piece, priority)
  }

  // What peers have: of seeds only the number counts.

  peerCame(peer: PieceHolder): void {
    if (peer.pieces.isFull && peer.countedAs === 'leecher') this.#becameSeed(peer)
    else this.#changeAll(peer.pieces, 1)
  }

  peerWent(peer: PieceHolder): void {
    if (peer.countedAs === 'seed') {
      this.availability.seeds--
      peer.countedAs = 'leecher'
    } else {
      this.#changeAll(peer.pieces, -1)
    }
  }

  /** Its pieces are with the new one. */
  peerGot(peer: PieceHolder, piece: number): void {
    this.#change(piece, 1)
    if (!peer.pieces.isFull || peer.countedAs !== 'leecher') return
    this.#changeAll(peer.pieces, -1)
    this.#becameSeed(peer)
  }

  /** Its pieces are without what it lost (BEP 54). */
  peerLost(peer: PieceHolder, piece: number): void {
    if (peer.countedAs === 'seed') {
      this.availability.seeds--
      this.#changeAll(peer.pieces, 1)
    } else {
      this.#change(piece, -1)
    }
    peer.countedAs = 'leecher-for-good'
  }

  #becameSeed(peer: PieceHolder): void {
    peer.countedAs = 'seed'
    this.availability.seeds++
  }

  #change(piece: number, by: 1 | -1): void {
    this.availability.change(piece, by)
    this.#levels[this.priorityOf(piece)]?.availabilityChanged?.(piece)
  }

  #changeAll(pieces: Bitfield, by: 1 | -1): void {
    this.availability.changeAll(pieces, by)
    for (const level of this.#levels) level?.availabilitiesChanged?.(pieces)
  }

  #settle(piece: number, priority: number): void {
    if (priority !== NOT_WANTED) {
      if (!this.have.has(piece)) this.#settled.delete(piece)
      return
    }
    if (this.#settled === this.have) this.#settled = this.have.copy()
    this.#settled.add(piece)
  }
}
