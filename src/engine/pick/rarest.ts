import type { Bitfield } from '../../base/bitfield.js'
import type { Random } from '../../base/random.js'
import type { Availability } from './availability.js'
import { PickableSet, searchPickable } from './pickable-set.js'
import { MAX_PROBES, type PieceStrategy } from './strategy.js'

/** With more holders than this a piece is not rare, whatever the exact number. */
const MAX_BUCKET = 255

/** Where guesses fail, the rarest is sought among this many of the pieces on offer. */
const MAX_COMPARED = 256

/** Moves from bucket to bucket that cost more than sorting all pickable pieces anew. */
const MANY_MOVES = 4_096

/**
 * The piece that fewest peers have, equal ones in random order (Cohen, "Incentives build robustness in BitTorrent", 2003).
 *
 * Pickable pieces are ordered by availability; a bucket holds those of equal availability. A change by one moves a piece across
 * one border with one swap. Within a bucket a random piece is picked: as good as keeping it shuffled, and a
 * move costs less. When a peer comes or goes that has very many pieces, all are sorted at the next pick, some 10 ms
 * for a million.
 */
export class RarestStrategy implements PieceStrategy {
  readonly #pickable: PickableSet
  readonly #random: Random
  readonly #availability: Availability
  /** The bucket of each pickable piece. */
  readonly #buckets: Uint8Array
  /** The end of each bucket, up to `#top`. */
  readonly #ends = new Int32Array(MAX_BUCKET + 1)
  /** No pickable piece is in a bucket above this one. */
  #top = 0
  /** Many availabilities have changed, and the order is still the one before. */
  #isOutdated = false
  /** Pieces to begin at random before rarity counts. */
  #randomLeft: number

  /**
   * @param randomStart pieces that are begun at random first: a peer without pieces needs any piece soon, so that it can
   *   reciprocate, and rare pieces come slowly (Cohen 2003)
   */
  constructor(pieceCount: number, availability: Availability, random: Random, randomStart = 0) {
    this.#pickable = new PickableSet(pieceCount)
    this.#availability = availability
    this.#buckets = new Uint8Array(pieceCount)
    this.#random = random
    this.#randomLeft = randomStart
  }

  get size(): number {
    return this.#pickable.size
  }

  has(piece: number): boolean {
    return this.#pickable.has(piece)
  }

  add(piece: number): void {
    if (this.#pickable.has(piece)) return
    const bucket = this.#bucketOf(piece)
    this.#reach(bucket)
    this.#pickable.append(piece)
    this.#buckets[piece] = bucket
    let hole = this.size - 1
    // From the last bucket on, each moves its first piece to its end, which frees a place in the bucket before it.
    for (let above = this.#top; above > bucket; above--) {
      const start = this.#startOf(above)
      if (start !== hole) this.#pickable.swap(start, hole)
      hole = start
      this.#ends[above] = (this.#ends[above] ?? 0) + 1
    }
    this.#ends[bucket] = (this.#ends[bucket] ?? 0) + 1
  }

  remove(piece: number): void {
    if (!this.#pickable.has(piece)) return
    if (this.#randomLeft > 0) this.#randomLeft--
    let hole = this.#pickable.positionOf(piece)
    for (let bucket = this.#buckets[piece] ?? 0; bucket <= this.#top; bucket++) {
      const last = (this.#ends[bucket] ?? 0) - 1
      if (last !== hole) this.#pickable.swap(hole, last)
      hole = last
      this.#ends[bucket] = last
    }
    this.#pickable.removeLast()
  }

  availabilityChanged(piece: number): void {
    if (this.#isOutdated || !this.#pickable.has(piece)) return
    const target = this.#bucketOf(piece)
    this.#reach(target)
    let bucket = this.#buckets[piece] ?? 0
    let position = this.#pickable.positionOf(piece)
    for (; bucket < target; bucket++) {
      const last = (this.#ends[bucket] ?? 0) - 1
      this.#pickable.swap(position, last)
      this.#ends[bucket] = position = last
    }
    for (; bucket > target; bucket--) {
      const first = this.#startOf(bucket)
      this.#pickable.swap(position, first)
      this.#ends[bucket - 1] = first + 1
      position = first
    }
    this.#buckets[piece] = target
  }

  availabilitiesChanged(pieces: Bitfield): void {
    if (this.#isOutdated) return
    if (Math.min(pieces.count, this.size) > MANY_MOVES) this.#isOutdated = true
    else for (const piece of pieces) this.availabilityChanged(piece)
  }

  pick(offered: Bitfield, accepts: (piece: number) => boolean): number | undefined {
    if (this.size === 0) return undefined
    if (this.#isOutdated) this.#order()
    const isRandom = this.#randomLeft > 0
    let probesLeft = MAX_PROBES
    for (let bucket = isRandom ? this.#top : 0; bucket <= this.#top && probesLeft > 0; bucket++) {
      const start = isRandom ? 0 : this.#startOf(bucket)
      const size = (this.#ends[bucket] ?? 0) - start
      const isSmall = size <= probesLeft
      const from = isSmall && size > 0 ? this.#random.below(size) : 0
      const probes = Math.min(size, probesLeft)
      for (let probe = 0; probe < probes; probe++) {
        const place = isSmall ? (from + probe) % size : this.#random.below(size)
        const piece = this.#pickable.at(start + place)
        if (offered.has(piece) && accepts(piece)) return piece
      }
      probesLeft -= probes
    }
    // All pieces were tried.
    if (probesLeft > 0) return undefined
    return this.#search(offered, accepts)
  }

  /** The rarest of some pieces that a peer has; only called for peers that have few pickable pieces. */
  #search(offered: Bitfield, accepts: (piece: number) => boolean): number | undefined {
    let rarest: number | undefined
    let compared = 0
    searchPickable(this.#pickable.bits, offered, this.#random.below(offered.length), piece => {
      if (!accepts(piece)) return false
      const bucket = this.#buckets[piece] ?? 0
      if (rarest === undefined || bucket < (this.#buckets[rarest] ?? 0)) rarest = piece
      return bucket === 0 || ++compared === MAX_COMPARED
    })
    return rarest
  }

  /** Sorts all pickable pieces by counting. */
  #order(): void {
    this.#isOutdated = false
    const counts = new Int32Array(MAX_BUCKET + 1)
    const buckets = this.#buckets
    const { bits } = this.#pickable
    // Plain loops: calling a function for each piece takes twice as long.
    for (let piece = 0; piece < bits.length; piece++) {
      if (!bits.has(piece)) continue
      const bucket = this.#bucketOf(piece)
      buckets[piece] = bucket
      counts[bucket] = (counts[bucket] ?? 0) + 1
    }
    let end = 0
    for (let bucket = 0; bucket <= MAX_BUCKET; bucket++) {
      const count = counts[bucket] ?? 0
      // From here on, where the next piece of each bucket goes.
      counts[bucket] = end
      end += count
      this.#ends[bucket] = end
      if (count > 0) this.#top = bucket
    }
    this.#pickable.arrange(buckets, counts)
  }

  /** Makes buckets up to this one; new ones are empty. */
  #reach(bucket: number): void {
    while (this.#top < bucket) this.#ends[++this.#top] = this.size
  }

  #startOf(bucket: number): number {
    return bucket === 0 ? 0 : (this.#ends[bucket - 1] ?? 0)
  }

  #bucketOf(piece: number): number {
    return Math.min(this.#availability.amongLeechers(piece), MAX_BUCKET)
  }
}
