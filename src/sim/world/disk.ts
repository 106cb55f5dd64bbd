import type { EventQueue } from '../time/event-queue.js'

export interface DiskPlan {
  /** Reading and writing together. */
  readonly bytesPerSecond: number
  readonly capacityBytes: number
}

/** A disk that never limits anything. */
export const FAST_DISK: DiskPlan = { bytesPerSecond: 500e6, capacityBytes: Number.POSITIVE_INFINITY }

/** Bytes that may wait to be written before nothing more is received, as in the client. */
const MEMORY_BYTES = 32 * 2 ** 20

/** The rate at which a worker hashes (SHA-1). */
const HASH_BYTES_PER_SECOND = 1e9

/** A disk that does one thing at a time, at its rate. */
export class Disk {
  readonly #plan: DiskPlan
  readonly #queue: EventQueue
  #freeAt = 0
  #written = 0

  constructor(plan: DiskPlan, queue: EventQueue) {
    this.#plan = plan
    this.#queue = queue
  }

  /** When the memory for blocks has room again; in the past where it has room now. */
  get roomAt(): number {
    return this.#freeAt - (MEMORY_BYTES * 1_000) / this.#plan.bytesPerSecond
  }

  get isFull(): boolean {
    return this.#written > this.#plan.capacityBytes
  }

  /** @returns when `length` bytes are read */
  read(length: number): number {
    return this.#work(length)
  }

  write(length: number): void {
    this.#written += length
    this.#work(length)
  }

  /** When a piece whose last block has just come is hashed and written. */
  pieceDoneAt(pieceLength: number): number {
    return Math.max(this.#freeAt, this.#queue.now + (pieceLength * 1_000) / HASH_BYTES_PER_SECOND)
  }

  #work(length: number): number {
    this.#freeAt = Math.max(this.#freeAt, this.#queue.now) + (length * 1_000) / this.#plan.bytesPerSecond
    return this.#freeAt
  }
}
