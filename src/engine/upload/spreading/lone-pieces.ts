import type { Random } from '../../../base/random.js'

/** How many peers have each piece. */
export interface Copies {
  of(piece: number): number
}

/** Copies that make a piece safe: one peer may upload nothing, or leave. */
const SAFE_COPIES = 2

/** Given pieces that one call of `takeAgain` looks at. */
const MAX_TRIES = 32

/** Pieces that one call of `take` looks at. */
const MAX_STEPS = 1_024

/**
 * The pieces that none of our peers has, and those that were given to a peer and are not safe yet. Pieces are given in
 * order, cyclically, from a random one, so that several seeders begin at different places. A call takes constant time: one that
 * finds nothing leaves the rest to the next, and once all pieces were seen none looks again before something has changed.
 */
export class LonePieces {
  readonly #pieceCount: number
  readonly #copies: Copies
  /** To how many peers each piece was given. */
  readonly #given = new Map<number, number>()
  #cursor: number
  /** Pieces that `take` has to look at; 0 where it can find nothing before a piece is lost or given back. */
  #left: number

  constructor(pieceCount: number, copies: Copies, random: Random) {
    this.#pieceCount = pieceCount
    this.#copies = copies
    this.#cursor = random.below(pieceCount)
    this.#left = pieceCount
  }

  /** Every piece is at some peer, and those that we gave are safe. */
  get areOut(): boolean {
    return this.#left === 0 && this.#given.size === 0
  }

  isSafe(piece: number): boolean {
    return this.#copies.of(piece) >= SAFE_COPIES
  }

  /** A peer is gone, with its pieces. */
  onPeerWent(): void {
    this.#left = this.#pieceCount
  }

  /** A peer lost a piece (BEP 54). */
  onLost(piece: number): void {
    if (this.#copies.of(piece) === 0) this.#left = this.#pieceCount
  }

  /** A piece that no peer has and none was given; it counts as given from now on. */
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

  /** Counts a piece as given; false where a peer has it, or was given it. */
  claim(piece: number): boolean {
    if (this.#copies.of(piece) > 0 || this.#given.has(piece)) return false
    this.#given.set(piece, 1)
    return true
  }

  /** A piece that was given before and is not safe; undefined where `accepts` refuses the next 32 of them. */
  takeAgain(accepts: (piece: number) => boolean): number | undefined {
    let tries = Math.min(MAX_TRIES, this.#given.size)
    for (const [piece, times] of this.#given) {
      if (tries-- === 0) return undefined
      const fits = !this.isSafe(piece) && accepts(piece)
      // It comes last from now on, so that each is looked at in its turn.
      this.#given.delete(piece)
      this.#given.set(piece, fits ? times + 1 : times)
      if (fits) return piece
    }
    return undefined
  }

  /** The piece is safe, or a peer that it was given to will not upload it. */
  giveBack(piece: number): void {
    const times = (this.#given.get(piece) ?? 0) - 1
    if (times > 0) this.#given.set(piece, times)
    else this.#given.delete(piece)
    if (this.#copies.of(piece) === 0) this.#left = this.#pieceCount
  }
}
