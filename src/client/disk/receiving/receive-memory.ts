import { NO_SLOT, SlotMemory } from '../slot-memory.js'

/** A part of a piece that takes a run of shared memory while its blocks arrive. */
export interface FillingChunk {
  /** Bytes of memory it takes. */
  readonly size: number
  /** Where its memory begins, or `NO_SLOT`. */
  at: number
  /** True where something has arrived and nobody is writing into the memory. */
  readonly isQuiet: boolean
  /** Hands what has arrived to a worker, and the memory with it. */
  spill(): void
}

/**
 * The memory that blocks are received into, shared by all torrents. So that it never fills up with chunks that
 * are half there, an eighth of it is kept free or on its way back: the oldest half-filled chunks are
 * written as they are, and what is missing of them comes later.
 */
export class ReceiveMemory {
  readonly #slots: SlotMemory
  readonly #reserve: number
  /** Oldest first. */
  readonly #filling = new Set<FillingChunk>()
  /** Whom to tell once there is room again. */
  readonly #starving = new Set<() => void>()
  /** Bytes that workers are writing and will give back. */
  #returning = 0
  /** How much of it, by where it begins. */
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

  /** Gives memory to a chunk; false where there is none, and `onRoom` is called once there is again. */
  take(chunk: FillingChunk, onRoom: () => void): boolean {
    chunk.at = this.#slots.take(chunk.size)
    if (chunk.at === NO_SLOT) this.#starving.add(onRoom)
    else this.#filling.add(chunk)
    this.#spillOldest()
    return chunk.at !== NO_SLOT
  }

  /** Says that a chunk's memory is with a worker now. */
  sent(chunk: FillingChunk): void {
    this.#filling.delete(chunk)
    this.#returning += chunk.size
    this.#returningAt.set(chunk.at, chunk.size)
    chunk.at = NO_SLOT
  }

  /** Takes back from a worker what was `sent`. */
  returned(at: number): void {
    const size = this.#returningAt.get(at) ?? 0
    this.#returningAt.delete(at)
    this.#returning -= size
    this.#give(at, size)
  }

  /** Takes back memory of a chunk whose blocks are of no use. */
  release(chunk: FillingChunk): void {
    this.#filling.delete(chunk)
    this.#give(chunk.at, chunk.size)
    chunk.at = NO_SLOT
  }

  /** Says that a chunk has become quiet, which helps those who wait for room. */
  becameQuiet(): void {
    if (this.#starving.size > 0) this.#spillOldest()
  }

  /** Nobody is to be told through `onRoom` any more. */
  forget(onRoom: () => void): void {
    this.#starving.delete(onRoom)
  }

  #give(at: number, size: number): void {
    this.#slots.give(at, size)
    if (this.#starving.size === 0 || this.#isAnnouncing) return
    this.#isAnnouncing = true
    queueMicrotask(() => {
      this.#isAnnouncing = false
      const waiting = [...this.#starving]
      this.#starving.clear()
      for (const onRoom of waiting) onRoom()
    })
  }

  #spillOldest(): void {
    for (const chunk of this.#filling) {
      // Those who wait may need a whole slot, which free parts of slots are not.
      const free = this.#starving.size > 0 ? 0 : this.#slots.freeBytes
      if (free + this.#returning >= this.#reserve) return
      if (chunk.isQuiet) chunk.spill()
    }
  }
}
