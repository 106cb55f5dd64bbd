import { Bitfield } from '../../base/bitfield.js'
import type { Random } from '../../base/random.js'

/** A set of pieces with constant-time add, remove, and access by position: what the strategies have in common. */
export class CandidateSet {
  readonly bits: Bitfield
  readonly #order: Int32Array
  readonly #positions: Int32Array

  constructor(pieceCount: number) {
    this.bits = new Bitfield(pieceCount)
    this.#order = new Int32Array(pieceCount)
    this.#positions = new Int32Array(pieceCount)
  }

  get size(): number {
    return this.bits.count
  }

  has(piece: number): boolean {
    return this.bits.has(piece)
  }

  at(position: number): number {
    return this.#order[position] ?? -1
  }

  positionOf(piece: number): number {
    return this.#positions[piece] ?? -1
  }

  /** Puts a new piece last. */
  append(piece: number): void {
    if (this.bits.add(piece)) this.#put(piece, this.size - 1)
  }

  /** Takes out the piece in the last position. */
  removeLast(): void {
    this.bits.delete(this.at(this.size - 1))
  }

  swap(a: number, b: number): void {
    const pieceA = this.at(a)
    const pieceB = this.at(b)
    this.#put(pieceA, b)
    this.#put(pieceB, a)
  }

  /**
   * Puts all in a new order: in ascending order, which memory likes best, each gets the next place of its bucket.
   * @param buckets by piece
   * @param places where each bucket begins; used up
   */
  arrange(buckets: Uint8Array, places: Int32Array): void {
    const { bits } = this
    for (let piece = 0; piece < bits.length; piece++) {
      if (!bits.has(piece)) continue
      const bucket = buckets[piece] ?? 0
      const place = places[bucket] ?? 0
      places[bucket] = place + 1
      this.#order[place] = piece
      this.#positions[piece] = place
    }
  }

  #put(piece: number, position: number): void {
    this.#order[position] = piece
    this.#positions[piece] = position
  }
}

/** A candidate found by going through two bitfields from `from` on, round the end; undefined where none is accepted. */
export function searchCandidate(
  candidates: Bitfield,
  offered: Bitfield,
  from: number,
  accepts: (piece: number) => boolean,
): number | undefined {
  for (let at = from; ; at++) {
    at = candidates.firstCommon(offered, at)
    if (at < 0) break
    if (accepts(at)) return at
  }
  for (let at = 0; at < from; at++) {
    at = candidates.firstCommon(offered, at)
    if (at < 0 || at >= from) break
    if (accepts(at)) return at
  }
  return undefined
}

/** A candidate drawn from all that two bitfields have in common; where it is not accepted, the next one that is. */
export function drawCandidate(
  candidates: Bitfield,
  offered: Bitfield,
  random: Random,
  accepts: (piece: number) => boolean,
): number | undefined {
  const count = candidates.countCommon(offered)
  if (count === 0) return undefined
  return searchCandidate(candidates, offered, candidates.nthCommon(offered, random.below(count)), accepts)
}
