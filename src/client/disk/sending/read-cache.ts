import { isWithinShare } from '../../../base/fair-share.js'
import { NO_SLOT, SlotMemory } from '../slot-memory.js'
import { MESSAGE_LENGTH } from './block-messages.js'

/** A torrent that reads. */
export interface CacheUser {
  /** Bytes that are being loaded for it, or lent to it. Counted by the cache. */
  busyBytes: number
}

/** A run of blocks of a piece that was read from the files, or is being read. */
export class Segment {
  /** Number of the load, for the answer to it. */
  readonly id: number
  readonly key: number
  readonly piece: number
  /** The offset of its first block's message in the memory. */
  readonly at: number
  /** Bytes of the blocks that are read. */
  readonly length: number
  /** True if no part of the piece is missing, padding included. */
  readonly isWhole: boolean
  /** Bytes of blocks for which it has room. */
  readonly memory: number
  isLoaded = false
  /** True once it cannot be found any more: its memory is freed with the last lease. */
  isDropped = false
  leases = 0
  readonly user: CacheUser
  /** Takes the segment out of where it can be found. */
  readonly onEvicted: (segment: Segment) => void

  constructor(
    place: Pick<Segment, 'id' | 'key' | 'piece' | 'at' | 'length' | 'isWhole' | 'memory'>,
    user: CacheUser,
    onEvicted: (segment: Segment) => void,
  ) {
    this.id = place.id
    this.key = place.key
    this.piece = place.piece
    this.at = place.at
    this.length = place.length
    this.isWhole = place.isWhole
    this.memory = place.memory
    this.user = user
    this.onEvicted = onEvicted
  }
}

/** Bytes of unused segments to keep. More would fall out of the processor's caches, which makes sending slower. */
const MAX_IDLE_BYTES = 8 * 2 ** 20

/**
 * The memory for reading, shared by all torrents, which holds blocks in the form in which they are sent. Lent segments stay; of
 * the few others the least recently used goes first, and is read from the page cache when it is needed again. Peers that do not
 * read the blocks they asked for keep segments lent, but not all of the memory: the last quarter is for other torrents.
 */
export class ReadCache {
  readonly bytes: Buffer
  readonly #slots: SlotMemory
  /** Loaded and not lent; least recently used first. */
  readonly #idle = new Set<Segment>()
  #idleBytes = 0
  /** Callbacks for when memory was given back. */
  readonly #starving = new Set<() => void>()
  /** Those for which something is loaded or lent. */
  readonly #users = new Set<CacheUser>()
  #busyBytes = 0

  constructor(size: number) {
    this.#slots = new SlotMemory(size, MESSAGE_LENGTH)
    this.bytes = Buffer.from(this.#slots.buffer)
  }

  get buffer(): SharedArrayBuffer {
    return this.#slots.buffer
  }

  get usedBytes(): number {
    return this.#slots.usedBytes
  }

  /**
   * Memory for a segment, taken from idle ones if necessary; `NO_SLOT` if all of it is lent or being loaded, or if the user has too
   * much of it.
   */
  take(size: number, user: CacheUser): number {
    if (!this.#isWithinShare(user)) return NO_SLOT
    for (;;) {
      const at = this.#slots.take(size)
      if (at !== NO_SLOT) this.#countBusy(user, size)
      if (at !== NO_SLOT || !this.#evictOldest()) return at
    }
  }

  /** Calls once when something was given back, which is when `take` may give again. */
  whenFree(onFree: () => void): void {
    this.#starving.add(onFree)
  }

  /** Stops calling `onFree`. */
  forget(onFree: () => void): void {
    this.#starving.delete(onFree)
  }

  loaded(segment: Segment): void {
    segment.isLoaded = true
    this.#settle(segment)
  }

  lend(segment: Segment): void {
    segment.leases++
    if (this.#unsettle(segment)) this.#countBusy(segment.user, segment.memory)
  }

  giveBack(segment: Segment): void {
    segment.leases--
    if (segment.leases === 0) this.#settle(segment)
  }

  /** Frees a segment that can no longer be found, once it is not lent any more. */
  drop(segment: Segment): void {
    if (segment.isDropped) return
    segment.isDropped = true
    if (this.#unsettle(segment)) this.#slots.give(segment.at, segment.memory)
  }

  /** False where there is none to evict. */
  #evictOldest(): boolean {
    const [oldest] = this.#idle
    if (oldest === undefined) return false
    oldest.onEvicted(oldest)
    this.drop(oldest)
    return true
  }

  #isWithinShare({ busyBytes }: CacheUser): boolean {
    const limit = this.#slots.usedBytes + this.#slots.freeBytes
    // Beside those that read now another one may begin at any time.
    return isWithinShare({ own: busyBytes, all: this.#busyBytes, limit, sharers: this.#users.size + 1 })
  }

  #countBusy(user: CacheUser, bytes: number): void {
    user.busyBytes += bytes
    this.#busyBytes += bytes
    if (user.busyBytes > 0) this.#users.add(user)
    else this.#users.delete(user)
  }

  /** False where it was in use. */
  #unsettle(segment: Segment): boolean {
    const wasIdle = this.#idle.delete(segment)
    if (wasIdle) this.#idleBytes -= segment.memory
    return wasIdle
  }

  /** Keeps or frees a segment that is not lent any more. */
  #settle(segment: Segment): void {
    this.#countBusy(segment.user, -segment.memory)
    if (segment.isDropped) this.#slots.give(segment.at, segment.memory)
    else {
      this.#idle.add(segment)
      this.#idleBytes += segment.memory
    }
    while (this.#idleBytes > MAX_IDLE_BYTES) this.#evictOldest()
    const waiting = [...this.#starving]
    this.#starving.clear()
    for (const onFree of waiting) onFree()
  }
}
