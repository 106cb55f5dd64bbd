import { Bitfield } from '../../base/bitfield.js'
import { searchCandidate } from './candidate-set.js'
import type { PieceStrategy } from './strategy.js'

/** From the first piece to the last, for what is played while it downloads. */
export class SequentialStrategy implements PieceStrategy {
  readonly #candidates: Bitfield
  /** No candidate lies before it. */
  #first = 0

  constructor(pieceCount: number) {
    this.#candidates = new Bitfield(pieceCount)
  }

  get size(): number {
    return this.#candidates.count
  }

  has(piece: number): boolean {
    return this.#candidates.has(piece)
  }

  add(piece: number): void {
    this.#candidates.add(piece)
    this.#first = Math.min(this.#first, piece)
  }

  remove(piece: number): void {
    this.#candidates.delete(piece)
    if (piece === this.#first)
      this.#first = Math.max(0, this.#candidates.firstCommon(this.#candidates, piece))
  }

  pick(offered: Bitfield, accepts: (piece: number) => boolean): number | undefined {
    return searchCandidate(this.#candidates, offered, this.#first, accepts)
  }
}
