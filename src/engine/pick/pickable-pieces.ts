import type { Bitfield } from '../../base/bitfield.js'
import type { Random } from '../../base/random.js'
import { Availability } from './availability.js'
import { makeStrategy, type PickOrder } from './make-strategy.js'
import { NOT_WANTED } from './priorities.js'
import type { PieceStrategy } from './strategy.js'
import type { WantedPieces } from './wanted-pieces.js'

/** Priorities are 0 to 7. */
const LEVELS = 8

/**
 * How the pieces of a peer are counted: those of a seed by one number, those of others one by one. Going from one to the other takes
 * time for all pieces, so that a peer that has lost a piece (BEP 54) is never counted as a seed again, whatever it has.
 */
export type CountedAs = 'leecher' | 'seed' | 'leecher-for-good'

/** A peer and its pieces. */
export interface PieceHolder {
  readonly pieces: Bitfield
  countedAs: CountedAs
}

/**
 * Which pieces may be begun, and in which order: by priority. Each level has a strategy of its own, made when it is
 * first needed, and is picked from when no higher level has a piece to offer.
 */
export class PickablePieces {
  readonly wanted: WantedPieces
  readonly availability: Availability
  readonly #isSequential: boolean
  readonly #makeStrategy: () => PieceStrategy
  readonly #levels = new Array<PieceStrategy | undefined>(LEVELS)
  #size = 0

  /** Nothing is pickable yet. */
  constructor(wanted: WantedPieces, order: PickOrder, random: Random) {
    const { length } = wanted.have
    this.wanted = wanted
    this.#isSequential = order === 'sequential'
    this.availability = new Availability(length)
    this.#makeStrategy = () => makeStrategy(order, length, this.availability, random)
  }

  // Pieces that are wanted and not begun.

  /** How many pieces are pickable. */
  get size(): number {
    return this.#size
  }

  has(piece: number): boolean {
    return this.#levels[this.wanted.priorityOf(piece)]?.has(piece) ?? false
  }

  /** Makes a piece pickable, unless it is not wanted. */
  add(piece: number): void {
    const number = this.wanted.priorityOf(piece)
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
    const level = this.#levels[this.wanted.priorityOf(piece)]
    if (level === undefined) return
    const before = level.size
    level.remove(piece)
    this.#size += level.size - before
  }

  /** Whether a pickable piece may be begun next: none has a higher priority, and those of the same have no strict order. */
  isAmongNext(piece: number): boolean {
    const number = this.wanted.priorityOf(piece)
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

  /** A piece that is not wanted any more is not pickable; one that is wanted again becomes so by `add` only. */
  setPriority(piece: number, priority: number): void {
    if (this.wanted.priorityOf(piece) === priority) return
    const isPickable = this.has(piece)
    if (isPickable) this.remove(piece)
    this.wanted.setPriority(piece, priority)
    if (isPickable) this.add(piece)
  }

  // Pieces of peers: of seeds only the number counts.

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
    this.#levels[this.wanted.priorityOf(piece)]?.availabilityChanged?.(piece)
  }

  #changeAll(pieces: Bitfield, by: 1 | -1): void {
    this.availability.changeAll(pieces, by)
    for (const level of this.#levels) level?.availabilitiesChanged?.(pieces)
  }
}
