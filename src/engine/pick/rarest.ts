import type { Bitfield } from '../../base/bitfield.js'
import type { Random } from '../../base/random.js'
import { CandidateSet, searchCandidate } from './candidate-set.js'
import { MAX_PROBES, type PieceStrategy } from './strategy.js'

/** Beyond so many holders a piece is not rare, whatever the exact number. */
const MAX_BUCKET = 255

/**
 * The piece that fewest peers have, equal ones in random order (Cohen, "Incentives build robustness in BitTorrent", 2003).
 *
 * Candidates stand ordered by availability; a bucket holds those of equal availability. A change by one moves a piece over
 * one border with one swap, so buckets need no sorting.
 */
export class RarestStrategy implements PieceStrategy {
  readonly isStrict = false
  readonly #candidates: CandidateSet
  readonly #random: Random
  readonly #availability: Uint16Array
  /** Where each bucket ends, by availability, up to `#top`. */
  readonly #ends = new Int32Array(MAX_BUCKET + 1)
  /** No candidate is in a bucket above this one. */
  #top = 0

  constructor(pieceCount: number, random: Random) {
    this.#candidates = new CandidateSet(pieceCount)
    this.#random = random
    this.#availability = new Uint16Array(pieceCount)
  }

  get size(): number {
    return this.#candidates.size
  }

  has(piece: number): boolean {
    return this.#candidates.has(piece)
  }

  add(piece: number): void {
    if (this.#candidates.has(piece)) return
    const bucket = this.#bucketOf(piece)
    this.#reach(bucket)
    this.#candidates.append(piece)
    let hole = this.size - 1
    // From the last bucket on, each gives its first place to its end, which frees a place in the bucket before it.
    for (let above = this.#top; above > bucket; above--) {
      const start = this.#ends[above - 1] ?? 0
      if (start !== hole) this.#candidates.swap(start, hole)
      hole = start
      this.#ends[above] = (this.#ends[above] ?? 0) + 1
    }
    this.#ends[bucket] = (this.#ends[bucket] ?? 0) + 1
    this.#shuffleIn(hole, bucket)
  }

  remove(piece: number): void {
    if (!this.#candidates.has(piece)) return
    let hole = this.#candidates.positionOf(piece)
    for (let bucket = this.#bucketOf(piece); bucket <= this.#top; bucket++) {
      const last = (this.#ends[bucket] ?? 0) - 1
      if (last !== hole) this.#candidates.swap(hole, last)
      hole = last
      this.#ends[bucket] = last
    }
    this.#candidates.removeLast()
  }

  readonly availabilityChanged = (piece: number, by: 1 | -1): void => {
    const before = this.#bucketOf(piece)
    this.#availability[piece] = (this.#availability[piece] ?? 0) + by
    const after = this.#bucketOf(piece)
    if (before === after || !this.#candidates.has(piece)) return
    this.#reach(after)
    const position = this.#candidates.positionOf(piece)
    if (after > before) {
      const last = (this.#ends[before] ?? 0) - 1
      this.#candidates.swap(position, last)
      this.#ends[before] = last
      this.#shuffleIn(last, after)
    } else {
      const first = this.#ends[after] ?? 0
      this.#candidates.swap(position, first)
      this.#ends[after] = first + 1
      this.#shuffleIn(first, after)
    }
  }

  pick(offered: Bitfield, accepts: (piece: number) => boolean): number | undefined {
    const probes = Math.min(this.size, MAX_PROBES)
    for (let position = 0; position < probes; position++) {
      const piece = this.#candidates.at(position)
      if (offered.has(piece) && accepts(piece)) return piece
    }
    if (this.size <= MAX_PROBES) return undefined
    return searchCandidate(this.#candidates.bits, offered, this.#random.below(offered.length), accepts)
  }

  /** Makes buckets up to this one; new ones are empty. */
  #reach(bucket: number): void {
    while (this.#top < bucket) this.#ends[++this.#top] = this.size
  }

  #bucketOf(piece: number): number {
    return Math.min(this.#availability[piece] ?? 0, MAX_BUCKET)
  }

  /** Keeps the bucket in random order: the piece changes places with any of its bucket. */
  #shuffleIn(position: number, bucket: number): void {
    const start = bucket === 0 ? 0 : (this.#ends[bucket - 1] ?? 0)
    const end = this.#ends[bucket] ?? 0
    this.#candidates.swap(position, start + this.#random.below(end - start))
  }
}
