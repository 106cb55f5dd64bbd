import { Bitfield } from '../../base/bitfield.js'
import type { Random } from '../../base/random.js'

/** A set of pieces with constant-time add, remove, and access by position, which the strategies share. */
export class PickableSet {
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

  /** Adds a new piece at the last position. */
  append(piece: number): void {
    if (this.bits.add(piece)) this.#put(piece, this.size - 1)
  }

  /** Removes the piece at the last position. */
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
   * Puts all pieces into a new order: in ascending order, which is best for memory, each gets the next place of its bucket.
   * @param buckets the bucket of each piece
   * @param places where each bucket begins; changed by the call
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

/** Searches the pieces that two bitfields have in common, cyclically from `from` on; undefined where none is accepted. */
export function searchPickable(
  pickable: Bitfield,
  offered: Bitfield,
  from: number,
  accepts: (piece: number) => boolean,
): number | undefined {
  for (let at = from; ; at++) {
    at = pickable.firstCommon(offered, at)
    if (at < 0) break
    if (accepts(at)) return at
  }
  for (let at = 0; at < from; at++) {
    at = pickable.firstCommon(offered, at)
    if (at < 0 || at >= from) break
    if (accepts(at)) return at
  }
  return undefined
}

/** A random piece of those that two bitfields have in common; where it is not accepted, the next one that is. */
export function drawPickable(
  pickable: Bitfield,
  offered: Bitfield,
  random: Random,
  accepts: (piece: number) => boolean,
): number | undefined {
  const count = pickable.countCommon(offered)
  if (count === 0) return undefined
  return searchPickable(pickable, offered, pickable.nthCommon(offered, random.below(count)), accepts)
}
