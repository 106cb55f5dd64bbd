import { isWithinShare } from '../../../base/fair-share.js'
import { NO_SLOT, SlotMemory } from '../slot-memory.js'

/**
 * Bytes that a torrent may have waiting to be written before its sockets are no longer read. More would only make peak memory grow,
 * and the copy of each block slower, since that memory falls out of the processor's caches.
 */
const MAX_UNWRITTEN_BYTES = 8 * 2 ** 20

/** A torrent that takes memory. */
export interface MemoryUser {
  /** Bytes it has, including those that workers are writing. Counted by the memory. */
  usedBytes: number
  /** Bytes of it that workers are writing. Counted by the memory. */
  unwrittenBytes: number
  /** There may be room for it again. */
  onRoom(): void
}

/** A part of a piece that takes a run of shared memory while its blocks arrive. */
export interface FillingChunk {
  readonly user: MemoryUser
  /** Bytes of memory it takes. */
  readonly size: number
  /** The offset of its memory, or `NO_SLOT`. */
  at: number
  /** True if blocks have arrived and none is arriving. */
  readonly isQuiet: boolean
  /** Hands what has arrived to a worker, and the memory with it. */
  spill(): void
}

/**
 * The memory that blocks are received into, shared by all torrents. So that it never fills up with incomplete chunks, an eighth
 * of it is kept free or on its way back: the oldest incomplete chunks are written as they are, and their other blocks later. Nor
 * can a torrent with a slow disk or slow peers take all of it: the last quarter is for torrents that have less than their share.
 */
export class ReceiveMemory {
  readonly #slots: SlotMemory
  readonly #reserve: number
  /** Oldest first. */
  readonly #filling = new Set<FillingChunk>()
  /** Users that found no room. They are told once there is some. */
  readonly #starving = new Set<MemoryUser>()
  /** Users that have to leave the remaining room to others. */
  readonly #greedy = new Set<MemoryUser>()
  /** Users that have some memory, or wait for it. */
  readonly #users = new Set<MemoryUser>()
  /** Bytes that workers are writing and will give back. */
  #returning = 0
  /** The parts of it, by their offsets. */
  readonly #returningAt = new Map<number, number>()
  #isAnnouncing = false

  constructor(size: number) {
    this.#slots = new SlotMemory(size)
    this.#reserve = this.#slots.freeBytes / 8
  }

  get buffer(): SharedArrayBuffer {
    return this.#slots.buffer
  }

  get bytes(): Uint8Array {
    return this.#slots.bytes
  }

  /** None, once every block has found its way. */
  get usedBytes(): number {
    return this.#slots.usedBytes
  }

  /** Gives memory to a chunk; false where there is none, and `onRoom` of its user is called once there is again. */
  take(chunk: FillingChunk): boolean {
    const { user } = chunk
    this.#users.add(user)
    if (!this.#isWithinShare(user)) {
      this.#greedy.add(user)
      this.#spillOldest(user)
      return false
    }
    if (user.unwrittenBytes >= MAX_UNWRITTEN_BYTES) {
      this.#starving.add(user)
      return false
    }
    chunk.at = this.#slots.take(chunk.size)
    if (chunk.at === NO_SLOT) {
      this.#starving.add(user)
    } else {
      user.usedBytes += chunk.size
      this.#filling.add(chunk)
    }
    this.#spillOldest()
    return chunk.at !== NO_SLOT
  }

  /** Says that a chunk's memory is with a worker now. */
  sent(chunk: FillingChunk): void {
    this.#filling.delete(chunk)
    this.#returning += chunk.size
    chunk.user.unwrittenBytes += chunk.size
    this.#returningAt.set(chunk.at, chunk.size)
    chunk.at = NO_SLOT
  }

  /** Takes back from a worker what was `sent`. */
  returned(user: MemoryUser, at: number): void {
    const size = this.#returningAt.get(at) ?? 0
    this.#returningAt.delete(at)
    this.#returning -= size
    user.unwrittenBytes -= size
    this.#give(user, at, size)
  }

  /** Takes back the memory of a chunk whose blocks are not needed. */
  release(chunk: FillingChunk): void {
    this.#filling.delete(chunk)
    this.#give(chunk.user, chunk.at, chunk.size)
    chunk.at = NO_SLOT
  }

  /** Tells that a chunk has become quiet, so that it can be written if users wait for room. */
  becameQuiet({ user }: FillingChunk): void {
    if (this.#greedy.has(user)) this.#spillOldest(user)
    else if (this.#starving.size > 0) this.#spillOldest()
  }

  /** It is not to be told of room any more. */
  forget(user: MemoryUser): void {
    this.#starving.delete(user)
    this.#greedy.delete(user)
    if (user.usedBytes === 0) this.#users.delete(user)
  }

  #isWithinShare({ usedBytes }: MemoryUser): boolean {
    const { freeBytes, usedBytes: all } = this.#slots
    // Then it is not because of its share that it has to wait.
    if (freeBytes === 0) return true
    return isWithinShare({ own: usedBytes, all, limit: all + freeBytes, sharers: this.#users.size })
  }

  #give(user: MemoryUser, at: number, size: number): void {
    this.#slots.give(at, size)
    user.usedBytes -= size
    if (user.usedBytes === 0 && !this.#starving.has(user)) this.#users.delete(user)
    if (this.#starving.size + this.#greedy.size === 0 || this.#isAnnouncing) return
    this.#isAnnouncing = true
    queueMicrotask(() => {
      this.#isAnnouncing = false
      const waiting = [...this.#starving, ...this.#greedy]
      this.#starving.clear()
      for (const user of waiting) {
        if (this.#isWithinShare(user)) this.#tell(user)
        else this.#greedy.add(user)
      }
    })
  }

  #tell(user: MemoryUser): void {
    this.forget(user)
    user.onRoom()
  }

  /** @param user spill only chunks of this user, which has to wait for its own memory */
  #spillOldest(user?: MemoryUser): void {
    for (const chunk of this.#filling) {
      // Waiting users may need a whole slot, and free parts of slots are not enough.
      const free = this.#starving.size > 0 || user !== undefined ? 0 : this.#slots.freeBytes
      if (free + this.#returning >= this.#reserve) return
      if (chunk.isQuiet && (user === undefined || chunk.user === user)) chunk.spill()
    }
  }
}
