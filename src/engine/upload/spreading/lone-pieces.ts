import type { Random } from '../../../base/random.js'

/** Copies that make a piece safe: one may be with somebody who passes nothing on, or leaves. */
const SAFE_COPIES = 2

/** Pieces that a second chance looks at. */
const MAX_TRIES = 32

/**
 * The pieces that nobody but us and one peer has, as far as our peers tell, and to whom they were given. Pieces go out in order, round the
 * end, from one that is drawn: several seeders begin at different places. A call takes constant time, but for one that goes
 * once round all pieces and finds nothing, after which none does before something has changed.
 */
export class LonePieces {
  /** How many peers have each piece. */
  readonly #copies: Uint16Array
  /** To how many it was given that have not got it yet. */
  readonly #given = new Map<number, number>()
  #loneCount: number
  #cursor: number
  /** What `take` cannot find before a piece is lost or given back. */
  #isExhausted = false

  constructor(pieceCount: number, random: Random) {
    this.#copies = new Uint16Array(pieceCount)
    this.#loneCount = pieceCount
    this.#cursor = random.below(pieceCount)
  }

  /** How many pieces are not safe without us. */
  get count(): number {
    return this.#loneCount
  }

  copies(piece: number): number {
    return this.#copies[piece] ?? 0
  }

  /** A peer has the piece. */
  add(piece: number): void {
    const copies = this.copies(piece)
    if (copies === SAFE_COPIES - 1) this.#loneCount--
    this.#copies[piece] = Math.min(copies + 1, 0xffff)
  }

  /** A peer that had it is gone. */
  remove(piece: number): void {
    const copies = this.copies(piece) - 1
    this.#copies[piece] = copies
    if (copies === SAFE_COPIES - 1) this.#loneCount++
    if (copies === 0) this.#isExhausted = false
  }

  /** A piece that nobody has and nobody was given; it counts as given from now on. */
  take(): number | undefined {
    if (this.#isExhausted) return undefined
    const { length } = this.#copies
    for (let steps = 0; steps < length; steps++) {
      const piece = this.#cursor
      this.#cursor = piece + 1 === length ? 0 : piece + 1
      if (this.claim(piece)) return piece
    }
    this.#isExhausted = true
    return undefined
  }

  /** Counts a piece as given; false where somebody has it, or was given it. */
  claim(piece: number): boolean {
    if (this.copies(piece) > 0 || this.#given.has(piece)) return false
    this.#given.set(piece, 1)
    return true
  }

  /** One that is not safe, though it was given to somebody else; undefined where the next few of them do not fit. */
  takeAgain(accepts: (piece: number) => boolean): number | undefined {
    let tries = Math.min(MAX_TRIES, this.#given.size)
    for (const [piece, times] of this.#given) {
      if (tries-- === 0) return undefined
      const fits = this.copies(piece) < SAFE_COPIES && accepts(piece)
      // Last in the order from now on: each gets its second chance.
      this.#given.delete(piece)
      this.#given.set(piece, fits ? times + 1 : times)
      if (fits) return piece
    }
    return undefined
  }

  /** One of those to whom it was given has it, or will not get it. */
  giveBack(piece: number): void {
    const times = (this.#given.get(piece) ?? 0) - 1
    if (times > 0) this.#given.set(piece, times)
    else this.#given.delete(piece)
    if (this.copies(piece) === 0) this.#isExhausted = false
  }
}
