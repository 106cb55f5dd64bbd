import { Bitfield } from '../../base/bitfield.js'
import { searchPickable } from './pickable-set.js'
import type { PieceStrategy } from './strategy.js'

/** From the first piece to the last, for media that are played during the download. */
export class SequentialStrategy implements PieceStrategy {
  readonly #pickable: Bitfield
  /** No pickable piece is before it. */
  #first = 0

  constructor(pieceCount: number) {
    this.#pickable = new Bitfield(pieceCount)
  }

  get size(): number {
    return this.#pickable.count
  }

  has(piece: number): boolean {
    return this.#pickable.has(piece)
  }

  add(piece: number): void {
    this.#pickable.add(piece)
    this.#first = Math.min(this.#first, piece)
  }

  remove(piece: number): void {
    this.#pickable.delete(piece)
    if (piece === this.#first) this.#first = Math.max(0, this.#pickable.firstCommon(this.#pickable, piece))
  }

  pick(offered: Bitfield, accepts: (piece: number) => boolean): number | undefined {
    return searchPickable(this.#pickable, offered, this.#first, accepts)
  }
}
