import { BLOCK_LENGTH } from '../../protocol/metainfo/metainfo.js'
import { CHUNK_LENGTH } from './layout.js'

/** `SlotMemory.take` when nothing is free. */
export const NO_SLOT = -1

const UNITS_PER_SLOT = CHUNK_LENGTH / BLOCK_LENGTH
const FULL_SLOT = 2 ** UNITS_PER_SLOT - 1

/**
 * Shared memory for blocks, in slots of sixteen. Torrents of small pieces take a half, a quarter, down to a sixteenth of a
 * slot. The slot that was given back last is taken first, since touching new pages is the expensive part.
 */
export class SlotMemory {
  readonly buffer: SharedArrayBuffer
  readonly bytes: Uint8Array
  readonly #blockMemory: number
  readonly #free: number[] = []
  /** For each slot the 16 KiB units in use, as bits. */
  readonly #used: Uint16Array
  /** Slots in use that still have room, by the number of units of the parts in them. */
  readonly #open = new Map<number, Set<number>>()
  #freeBytes: number

  /**
   * @param size bytes of blocks that have room in it
   * @param blockMemory bytes that a block takes, with what is kept beside it
   */
  constructor(size: number, blockMemory: number = BLOCK_LENGTH) {
    const slots = Math.max(1, Math.floor(size / CHUNK_LENGTH))
    this.#blockMemory = blockMemory
    this.buffer = new SharedArrayBuffer(slots * UNITS_PER_SLOT * blockMemory)
    this.bytes = new Uint8Array(this.buffer)
    this.#used = new Uint16Array(slots)
    this.#freeBytes = slots * CHUNK_LENGTH
    for (let slot = slots - 1; slot >= 0; slot--) this.#free.push(slot)
  }

  /** Bytes of blocks for which there is room. */
  get freeBytes(): number {
    return this.#freeBytes
  }

  get usedBytes(): number {
    return this.#used.length * CHUNK_LENGTH - this.#freeBytes
  }

  /** The offset of room for `size` bytes of blocks (a power of two from 16 KiB to 256 KiB), or `NO_SLOT`. */
  take(size: number): number {
    const units = size / BLOCK_LENGTH
    const [slot] = units === UNITS_PER_SLOT ? [] : this.#openSlots(units)
    const taken = slot ?? this.#free.pop()
    if (taken === undefined) return NO_SLOT
    const used = this.#used[taken] ?? 0
    const mask = 2 ** units - 1
    let unit = 0
    while (((used >>> unit) & mask) !== 0) unit += units
    const nowUsed = used | (mask << unit)
    this.#used[taken] = nowUsed
    this.#freeBytes -= size
    if (nowUsed === FULL_SLOT) this.#openSlots(units).delete(taken)
    else if (used === 0) this.#openSlots(units).add(taken)
    return (taken * UNITS_PER_SLOT + unit) * this.#blockMemory
  }

  /** Gives back what `take(size)` handed out at `offset`. */
  give(offset: number, size: number): void {
    const units = size / BLOCK_LENGTH
    const slot = Math.floor(offset / (UNITS_PER_SLOT * this.#blockMemory))
    const unit = (offset / this.#blockMemory) % UNITS_PER_SLOT
    const used = (this.#used[slot] ?? 0) & ~((2 ** units - 1) << unit)
    this.#used[slot] = used
    this.#freeBytes += size
    if (used === 0) {
      this.#openSlots(units).delete(slot)
      this.#free.push(slot)
    } else {
      this.#openSlots(units).add(slot)
    }
  }

  #openSlots(units: number): Set<number> {
    let open = this.#open.get(units)
    if (open === undefined) {
      open = new Set()
      this.#open.set(units, open)
    }
    return open
  }
}
