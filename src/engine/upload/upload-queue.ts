/** A block that a peer requested from us. */
export interface UploadRequest {
  readonly piece: number
  /** Bytes within the piece. */
  readonly offset: number
  readonly length: number
}

/** Requests kept for one peer, whatever their length; further ones are rejected. Announced to peers as `reqq` (BEP 10). */
export const MAX_UPLOAD_REQUESTS = 2_000

/** Few requests of most peers wait at a time, and arrays of this length are kept in line with their objects by V8. */
const MIN_SLOTS = 16
const MAX_SLOTS = 2_048

/**
 * Requests in one bucket of the index. 2,000 honest ones never come near it; where a peer picks blocks that fall into one
 * bucket, to make us search, the rest is refused.
 */
const MAX_BUCKET = 16

const NONE = -1

/**
 * The blocks that a peer waits for, in the order of its requests. Everything but `removeUnless` and `visit` takes constant time.
 *
 * Requests are numbers in slots of typed arrays, not objects: a GiB is 65,536 requests, and each waits long enough for the
 * garbage collector to copy it twice. A full queue takes 50 KB.
 */
export class UploadQueue {
  #slots = NO_SLOTS
  #length = 0
  #first = NONE
  #last = NONE
  /** The first of the free slots. */
  #free = NONE
  #lastPiece = -1
  #servedOfLast = 0

  get length(): number {
    return this.#length
  }

  /** The request to answer next. */
  get first(): UploadRequest | undefined {
    return this.#first === NONE ? undefined : this.#at(this.#first)
  }

  /** The piece of the request that was served last, and how many requests for it were served in a row. */
  get begun(): { readonly piece: number; readonly served: number } | undefined {
    return this.#lastPiece < 0 ? undefined : { piece: this.#lastPiece, served: this.#servedOfLast }
  }

  /** Visits requests in their order until `isEnough` returns true. */
  visit(isEnough: (piece: number, offset: number, length: number) => boolean): void {
    const { pieces, offsets, lengths, next } = this.#slots
    for (let slot = this.#first; slot !== NONE; slot = at(next, slot)) {
      if (isEnough(at(pieces, slot), at(offsets, slot), at(lengths, slot))) return
    }
  }

  /**
   * Adds a request at the end. One that waits already is not added again: its block is sent once.
   * @returns `refused` where the queue is full, or has a request for another number of bytes from the same offset
   */
  push({ piece, offset, length }: UploadRequest): 'queued' | 'waits already' | 'refused' {
    const found = this.#find(piece, offset)
    if (found === 'crowded') return 'refused'
    if (found !== NONE) return at(this.#slots.lengths, found) === length ? 'waits already' : 'refused'
    if (this.#length >= MAX_UPLOAD_REQUESTS) return 'refused'
    if (this.#free === NONE) this.#grow()
    const slot = this.#free
    const slots = this.#slots
    this.#free = at(slots.next, slot)
    slots.pieces[slot] = piece
    slots.offsets[slot] = offset
    slots.lengths[slot] = length
    this.#append(slot)
    this.#index(slot)
    this.#length++
    return 'queued'
  }

  shift(): UploadRequest | undefined {
    const { first } = this
    if (first === undefined) return undefined
    this.#remove(this.#first)
    this.#servedOfLast = first.piece === this.#lastPiece ? this.#servedOfLast + 1 : 1
    this.#lastPiece = first.piece
    return first
  }

  /** Removes the request for exactly this block; false where none waits. */
  remove(piece: number, offset: number, length: number): boolean {
    const slot = this.#find(piece, offset)
    if (slot === NONE || slot === 'crowded' || at(this.#slots.lengths, slot) !== length) return false
    this.#remove(slot)
    return true
  }

  /** Removes and returns all requests for which `keep` returns false; it is called once for each, in their order. */
  removeUnless(keep: (request: UploadRequest) => boolean): UploadRequest[] {
    const removed: UploadRequest[] = []
    const { next } = this.#slots
    let following = NONE
    for (let slot = this.#first; slot !== NONE; slot = following) {
      following = at(next, slot)
      const request = this.#at(slot)
      if (keep(request)) continue
      this.#remove(slot)
      removed.push(request)
    }
    return removed
  }

  #at(slot: number): UploadRequest {
    const { pieces, offsets, lengths } = this.#slots
    return { piece: at(pieces, slot), offset: at(offsets, slot), length: at(lengths, slot) }
  }

  /** The slot of the request for the block at this offset; `crowded` where there is none and its bucket is full. */
  #find(piece: number, offset: number): number | 'crowded' {
    const { pieces, offsets, buckets, sameBucket } = this.#slots
    if (buckets.length === 0) return NONE
    let searched = 0
    for (let slot = at(buckets, this.#bucketOf(piece, offset)); slot !== NONE; slot = at(sameBucket, slot)) {
      if (at(pieces, slot) === piece && at(offsets, slot) === offset) return slot
      searched++
    }
    return searched >= MAX_BUCKET ? 'crowded' : NONE
  }

  #bucketOf(piece: number, offset: number): number {
    let hash = Math.imul(piece, 0x9e3779b1) ^ Math.imul(offset, 0x85ebca6b) ^ (offset >>> 13)
    hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35)
    return (hash ^ (hash >>> 16)) & (this.#slots.buckets.length - 1)
  }

  #append(slot: number): void {
    const { next, previous } = this.#slots
    next[slot] = NONE
    previous[slot] = this.#last
    if (this.#last === NONE) this.#first = slot
    else next[this.#last] = slot
    this.#last = slot
  }

  #index(slot: number): void {
    const { pieces, offsets, buckets, sameBucket } = this.#slots
    const bucket = this.#bucketOf(at(pieces, slot), at(offsets, slot))
    sameBucket[slot] = at(buckets, bucket)
    buckets[bucket] = slot
  }

  #remove(slot: number): void {
    const { next, previous } = this.#slots
    const before = at(previous, slot)
    const behind = at(next, slot)
    if (before === NONE) this.#first = behind
    else next[before] = behind
    if (behind === NONE) this.#last = before
    else previous[behind] = before
    this.#removeFromIndex(slot)
    next[slot] = this.#free
    this.#free = slot
    this.#length--
  }

  #removeFromIndex(slot: number): void {
    const { pieces, offsets, buckets, sameBucket } = this.#slots
    const bucket = this.#bucketOf(at(pieces, slot), at(offsets, slot))
    let before = at(buckets, bucket)
    if (before === slot) {
      buckets[bucket] = at(sameBucket, slot)
      return
    }
    while (at(sameBucket, before) !== slot) before = at(sameBucket, before)
    sameBucket[before] = at(sameBucket, slot)
  }

  /** Doubles the slots when all are taken. */
  #grow(): void {
    const old = this.#slots
    const count = old.next.length
    const slots = newSlots(Math.min(MAX_SLOTS, Math.max(MIN_SLOTS, count * 2)))
    slots.pieces.set(old.pieces)
    slots.offsets.set(old.offsets)
    slots.lengths.set(old.lengths)
    slots.next.set(old.next)
    slots.previous.set(old.previous)
    this.#slots = slots
    for (let slot = 0; slot < count; slot++) this.#index(slot)
    for (let slot = slots.next.length - 1; slot >= count; slot--) {
      slots.next[slot] = this.#free
      this.#free = slot
    }
  }
}

/** Shared by all queues that were never used: most peers of a swarm request nothing from us. */
const NO_SLOTS = newSlots(0)

function newSlots(count: number) {
  return {
    pieces: new Uint32Array(count),
    offsets: new Uint32Array(count),
    lengths: new Uint32Array(count),
    /** The request behind each, or the next free slot. */
    next: new Int16Array(count),
    previous: new Int16Array(count),
    /** The first request of each bucket, and the next one in the same bucket. */
    buckets: new Int16Array(count * 2).fill(NONE),
    sameBucket: new Int16Array(count),
  }
}

function at(numbers: Uint32Array | Int16Array, slot: number): number {
  return numbers[slot] ?? NONE
}
