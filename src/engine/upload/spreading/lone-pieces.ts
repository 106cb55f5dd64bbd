import type { Random } from '../../../base/random.js'

/** How many peers have each piece. */
export interface Copies {
  of(piece: number): number
}

/** Copies that make a piece safe: one may be with somebody who passes nothing on, or leaves. */
const SAFE_COPIES = 2

/** Pieces that a second chance looks at. */
const MAX_TRIES = 32

/** Pieces that are looked at in one call for one that nobody has. */
const MAX_STEPS = 1_024

/**
 * The pieces that only we have, as far as our peers tell, and those that were given to somebody and are not safe yet. Pieces go
 * out in order, round the end, from one that is drawn: several seeders begin at different places. A call takes constant time; one
 * that finds nothing leaves the rest to the next, and once all pieces were seen none looks again before something has changed.
 */
export class LonePieces {
  readonly #pieceCount: number
  readonly #copies: Copies
  /** To how many it was given. */
  readonly #given = new Map<number, number>()
  #cursor: number
  /** Pieces that have to be looked at; none are left where `take` can find nothing before a piece is lost or given back. */
  #left: number

  constructor(pieceCount: number, copies: Copies, random: Random) {
    this.#pieceCount = pieceCount
    this.#copies = copies
    this.#cursor = random.below(pieceCount)
    this.#left = pieceCount
  }

  /** Somebody has each piece, and what we gave is safe. */
  get areOut(): boolean {
    return this.#left === 0 && this.#given.size === 0
  }

  isSafe(piece: number): boolean {
    return this.#copies.of(piece) >= SAFE_COPIES
  }

  /** A peer is gone, with whatever it had. */
  onPeerWent(): void {
    this.#left = this.#pieceCount
  }

  /** A peer lost a piece (BEP 54). */
  onLost(piece: number): void {
    if (this.#copies.of(piece) === 0) this.#left = this.#pieceCount
  }

  /** A piece that nobody has and nobody was given; it counts as given from now on. */
  take(): number | undefined {
    for (let steps = Math.min(this.#left, MAX_STEPS); steps > 0; steps--) {
      const piece = this.#cursor
      this.#cursor = piece + 1 === this.#pieceCount ? 0 : piece + 1
      this.#left--
      if (this.claim(piece)) {
        this.#left = this.#pieceCount
        return piece
      }
    }
    return undefined
  }

  /** Counts a piece as given; false where somebody has it, or was given it. */
  claim(piece: number): boolean {
    if (this.#copies.of(piece) > 0 || this.#given.has(piece)) return false
    this.#given.set(piece, 1)
    return true
  }

  /** One that is not safe, though it was given to somebody else; undefined where the next few of them do not fit. */
  takeAgain(accepts: (piece: number) => boolean): number | undefined {
    let tries = Math.min(MAX_TRIES, this.#given.size)
    for (const [piece, times] of this.#given) {
      if (tries-- === 0) return undefined
      const fits = !this.isSafe(piece) && accepts(piece)
      // Last in the order from now on: each gets its second chance.
      this.#given.delete(piece)
      this.#given.set(piece, fits ? times + 1 : times)
      if (fits) return piece
    }
    return undefined
  }

  /** It is safe, or one of those to whom it was given will not pass it on. */
  giveBack(piece: number): void {
    const times = (this.#given.get(piece) ?? 0) - 1
    if (times > 0) this.#given.set(piece, times)
    else this.#given.delete(piece)
    if (this.#copies.of(piece) === 0) this.#left = this.#pieceCount
  }
}
