import { BoundedSet } from '../../../base/bounded-map.js'
import { BLOCK_LENGTH } from '../../../protocol/metainfo/metainfo.js'
import type { PieceMap } from '../../../protocol/metainfo/piece-map.js'
import { writeBlockHeader } from '../../../protocol/peer/encoder.js'
import { BLOCK_HEADER_LENGTH } from '../../../protocol/peer/messages.js'
import type { DiskError } from '../disk-error.js'
import { CHUNK_LENGTH, chunkMemory } from '../layout.js'
import type { WorkerNotice } from '../messages.js'
import { NO_SLOT } from '../slot-memory.js'
import { MESSAGE_LENGTH, payloadParts } from './block-messages.js'
import { type CacheUser, type ReadCache, Segment } from './read-cache.js'

/** Messages with blocks, as peers are sent them; they stay as they are until `release`, which has to be called. */
export interface ReadLease {
  readonly bytes: Uint8Array
  release(): void
}

/** The storage of a `Reader`. */
export interface ReaderOwner {
  /** Sends to any worker. */
  post(request: WorkerNotice): void
  onLoaded(): void
  onReadError(error: DiskError, piece: number): void
}

/** Failed reads kept until they are asked about: more than anybody will ask about again. */
const MAX_FAILED = 1024

/** Reads pieces of one torrent for upload, through the cache. */
export class Reader {
  readonly #storage: number
  readonly #map: PieceMap
  readonly #cache: ReadCache
  readonly #user: CacheUser = { busyBytes: 0 }
  readonly #view: DataView
  readonly #owner: ReaderOwner
  readonly #segmentLength: number
  readonly #segmentsPerPiece: number
  readonly #segments = new Map<number, Segment>()
  readonly #loading = new Map<number, Segment>()
  /** Keys of segments whose read failed, which was not reported yet. */
  readonly #failed = new BoundedSet<number>(MAX_FAILED)
  readonly #onFree: () => void
  #lastLoad = 0
  #isAnnouncing = false
  #isClosed = false

  constructor(storage: number, map: PieceMap, cache: ReadCache, owner: ReaderOwner) {
    this.#storage = storage
    this.#map = map
    this.#cache = cache
    this.#view = new DataView(cache.buffer)
    this.#owner = owner
    this.#segmentLength = chunkMemory(map.pieceLength)
    this.#segmentsPerPiece = Math.ceil(map.pieceLength / this.#segmentLength)
    this.#onFree = () => this.#announce()
  }

  /**
   * Lends `count` whole blocks from `block` on, a message each, all within one chunk. Blocks that are not in the cache begin to
   * load.
   */
  leaseBlocks(piece: number, block: number, count: number): ReadLease | 'loading' | 'failed' {
    const index = Math.floor((block * BLOCK_LENGTH) / this.#segmentLength)
    const first = block - (index * this.#segmentLength) / BLOCK_LENGTH
    if (count < 1 || (first + count) * BLOCK_LENGTH > this.#segmentLength) {
      throw new RangeError(`no run of blocks in piece ${piece}: ${count} from ${block} on`)
    }
    const segment = this.#find(piece, index, (first + count) * BLOCK_LENGTH)
    if (!(segment instanceof Segment)) return this.#notYet(segment)
    const start = segment.at + first * MESSAGE_LENGTH
    const last = BLOCK_HEADER_LENGTH + this.#map.blockLength(piece, block + count - 1)
    const bytes = this.#cache.bytes.subarray(start, start + (count - 1) * MESSAGE_LENGTH + last)
    this.#cache.lend(segment)
    return new SegmentLease(this.#cache, segment, bytes)
  }

  /** Any range of at most 256 KiB within a piece, in one message: the rare one, which is copied. */
  leaseRange(piece: number, offset: number, length: number): ReadLease | 'loading' | 'failed' {
    if (length < 1 || length > CHUNK_LENGTH || offset + length > this.#map.servedSize(piece)) {
      throw new RangeError(`no range of piece ${piece}: ${length} bytes at ${offset}`)
    }
    const index = Math.floor(offset / this.#segmentLength)
    const start = offset - index * this.#segmentLength
    const head = Math.min(length, this.#segmentLength - start)
    const first = this.#find(piece, index, start + head)
    const second = head < length ? this.#find(piece, index + 1, length - head) : first
    if (!(first instanceof Segment)) return this.#notYet(first)
    if (!(second instanceof Segment)) return this.#notYet(second)
    const bytes = new Uint8Array(BLOCK_HEADER_LENGTH + length)
    writeBlockHeader(new DataView(bytes.buffer), 0, piece, offset, length)
    let at = BLOCK_HEADER_LENGTH
    for (const part of [...this.#payload(first, start, head), ...this.#payload(second, 0, length - head)]) {
      bytes.set(part, at)
      at += part.length
    }
    return { bytes, release() {} }
  }

  /** Begins to load what of a range is not in the cache. */
  prefetch(piece: number, offset: number, length: number): void {
    const end = Math.min(offset + length, this.#map.servedSize(piece))
    for (let at = offset - (offset % this.#segmentLength); at < end; at += this.#segmentLength) {
      if (this.#find(piece, at / this.#segmentLength, end - at) === 'full') return
    }
  }

  /** Drops what was read of a piece, since the piece has changed. */
  invalidate(piece: number): void {
    if (this.#segments.size === 0) return
    for (let index = 0; index < this.#segmentsPerPiece; index++) {
      const segment = this.#segments.get(piece * this.#segmentsPerPiece + index)
      if (segment !== undefined) this.#drop(segment)
    }
  }

  /** A worker's answer to a read. */
  ended(id: number, error: DiskError | undefined): void {
    const segment = this.#loading.get(id)
    if (segment === undefined) return
    this.#loading.delete(id)
    if (error !== undefined && !segment.isDropped) {
      this.#failed.add(segment.key)
      this.#drop(segment)
    }
    this.#cache.loaded(segment)
    if (error !== undefined && !this.#isClosed) this.#owner.onReadError(error, segment.piece)
    this.#announce()
  }

  close(): void {
    this.#isClosed = true
    this.#cache.forget(this.#onFree)
    for (const segment of [...this.#segments.values()]) this.#drop(segment)
  }

  /** @param end the end of the requested part of the segment */
  #find(piece: number, index: number, end: number): Segment | 'loading' | 'failed' | 'full' {
    const key = piece * this.#segmentsPerPiece + index
    const segment = this.#segments.get(key)
    if (segment !== undefined) {
      if (segment.isWhole || end <= segment.length) return segment.isLoaded ? segment : 'loading'
      this.#drop(segment)
    }
    if (this.#isClosed || this.#failed.delete(key)) return 'failed'
    return this.#load(piece, index, key, end)
  }

  /** Reads up to the end of the last file; the padding behind it, which can be most of a piece, where it is asked for. */
  #load(piece: number, index: number, key: number, end: number): 'loading' | 'full' {
    const offset = index * this.#segmentLength
    const whole = Math.min(this.#segmentLength, this.#map.servedSize(piece) - offset)
    const blocks = this.#map.blockCount(piece) * BLOCK_LENGTH - offset
    const size = end <= blocks ? Math.min(whole, blocks) : whole
    const memory = chunkMemory(size)
    const at = this.#cache.take(memory, this.#user)
    if (at === NO_SLOT) return 'full'
    const id = ++this.#lastLoad
    const place = { id, key, piece, at, length: size, isWhole: size === whole, memory }
    const segment = new Segment(place, this.#user, this.#forget)
    this.#segments.set(key, segment)
    this.#loading.set(id, segment)
    this.#writeHeaders(piece, offset, size, at)
    this.#owner.post({
      type: 'read',
      storage: this.#storage,
      segment: id,
      piece,
      offset,
      size,
      at,
    })
    return 'loading'
  }

  /** If the cache is full, the storage's user is told to ask again once memory was given back. */
  #notYet(found: 'loading' | 'failed' | 'full'): 'loading' | 'failed' {
    if (found !== 'full') return found
    this.#cache.whenFree(this.#onFree)
    return 'loading'
  }

  #payload(segment: Segment, start: number, length: number): Uint8Array[] {
    return payloadParts(this.#cache.bytes, segment.at, start, length)
  }

  #writeHeaders(piece: number, offset: number, length: number, at: number): void {
    for (let start = 0; start < length; start += BLOCK_LENGTH) {
      const block = (offset + start) / BLOCK_LENGTH
      const size = this.#map.blockLength(piece, block)
      // Behind the end of a v2 file there are no blocks, only zeros.
      if (size <= 0) return
      const header = at + (start / BLOCK_LENGTH) * MESSAGE_LENGTH
      writeBlockHeader(this.#view, header, piece, offset + start, size)
    }
  }

  #drop(segment: Segment): void {
    this.#forget(segment)
    this.#cache.drop(segment)
  }

  readonly #forget = (segment: Segment): void => {
    if (this.#segments.get(segment.key) === segment) this.#segments.delete(segment.key)
  }

  /** Once a turn, however many reads have ended in it. */
  #announce(): void {
    if (this.#isAnnouncing || this.#isClosed) return
    this.#isAnnouncing = true
    queueMicrotask(() => {
      this.#isAnnouncing = false
      if (!this.#isClosed) this.#owner.onLoaded()
    })
  }
}

class SegmentLease implements ReadLease {
  readonly bytes: Uint8Array
  readonly #cache: ReadCache
  #segment: Segment | undefined

  constructor(cache: ReadCache, segment: Segment, bytes: Uint8Array) {
    this.bytes = bytes
    this.#cache = cache
    this.#segment = segment
  }

  /** A second call does nothing. */
  release(): void {
    if (this.#segment !== undefined) this.#cache.giveBack(this.#segment)
    this.#segment = undefined
  }
}
