import type { Bitfield } from '../../base/bitfield.js'
import type { Random } from '../../base/random.js'
import { drawPickable, PickableSet, searchPickable } from './pickable-set.js'
import { MAX_PROBES, type PieceStrategy } from './strategy.js'

/** A guess takes about as long as going through this many pieces in two bitfields. */
const PIECES_PER_GUESS = 256

/** Every pickable piece has the same chance: so peers get different pieces, which they can exchange (BEP 52). */
export class RandomStrategy implements PieceStrategy {
  readonly #pickable: PickableSet
  readonly #random: Random

  constructor(pieceCount: number, random: Random) {
    this.#pickable = new PickableSet(pieceCount)
    this.#random = random
  }

  get size(): number {
    return this.#pickable.size
  }

  has(piece: number): boolean {
    return this.#pickable.has(piece)
  }

  add(piece: number): void {
    this.#pickable.append(piece)
  }

  remove(piece: number): void {
    if (!this.#pickable.has(piece)) return
    this.#pickable.swap(this.#pickable.positionOf(piece), this.size - 1)
    this.#pickable.removeLast()
  }

  pick(offered: Bitfield, accepts: (piece: number) => boolean): number | undefined {
    if (this.size === 0) return undefined
    const guesses = Math.min(MAX_PROBES, Math.floor(offered.length / PIECES_PER_GUESS))
    for (let guess = 0; guess < guesses; guess++) {
      const piece = this.#pickable.at(this.#random.below(this.size))
      if (offered.has(piece) && accepts(piece)) return piece
    }
    const { bits } = this.#pickable
    // Counting takes long among very many pieces; there a search may favour a piece behind a gap.
    return guesses < MAX_PROBES
      ? drawPickable(bits, offered, this.#random, accepts)
      : searchPickable(bits, offered, this.#random.below(offered.length), accepts)
  }
}
