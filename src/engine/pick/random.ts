import type { Bitfield } from '../../base/bitfield.js'
import type { Random } from '../../base/random.js'
import { CandidateSet, drawCandidate, searchCandidate } from './candidate-set.js'
import { MAX_PROBES, type PieceStrategy } from './strategy.js'

/** A guess takes about as long as going over so many pieces in two bitfields. */
const PIECES_PER_GUESS = 256

/** Every candidate is as likely: peers come to hold different pieces and have something to give each other (BEP 52). */
export class RandomStrategy implements PieceStrategy {
  readonly #candidates: CandidateSet
  readonly #random: Random

  constructor(pieceCount: number, random: Random) {
    this.#candidates = new CandidateSet(pieceCount)
    this.#random = random
  }

  get size(): number {
    return this.#candidates.size
  }

  has(piece: number): boolean {
    return this.#candidates.has(piece)
  }

  add(piece: number): void {
    this.#candidates.append(piece)
  }

  remove(piece: number): void {
    if (!this.#candidates.has(piece)) return
    this.#candidates.swap(this.#candidates.positionOf(piece), this.size - 1)
    this.#candidates.removeLast()
  }

  pick(offered: Bitfield, accepts: (piece: number) => boolean): number | undefined {
    if (this.size === 0) return undefined
    const guesses = Math.min(MAX_PROBES, Math.floor(offered.length / PIECES_PER_GUESS))
    for (let guess = 0; guess < guesses; guess++) {
      const piece = this.#candidates.at(this.#random.below(this.size))
      if (offered.has(piece) && accepts(piece)) return piece
    }
    const { bits } = this.#candidates
    // Among very many pieces it would take long to count those in question, and one behind a gap may be favoured.
    return guesses < MAX_PROBES
      ? drawCandidate(bits, offered, this.#random, accepts)
      : searchCandidate(bits, offered, this.#random.below(offered.length), accepts)
  }
}
