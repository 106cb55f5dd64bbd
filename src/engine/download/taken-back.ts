import { BLOCK_LENGTH } from '../../protocol/metainfo/metainfo.js'
import { RequestQueue } from './request-queue.js'
import { COMMON_WINDOW, MAX_WINDOW } from './request-window.js'

/** Requests that are remembered after they were taken back, two full windows; of more, the oldest are forgotten. */
const CAPACITY = 8_192

/** Bytes of late blocks that are read over before the peer is dropped, at first: two common windows. */
const FIRST_LATE_BYTES = 2 * COMMON_WINDOW * BLOCK_LENGTH

/** Each useful byte makes room for one more, up to two of the largest windows: only a peer that sent much is asked for that much. */
const MAX_LATE_BYTES = 2 * MAX_WINDOW * BLOCK_LENGTH

/** Rejects of blocks that were never asked for, before they are a breach of BEP 6. Each useful block makes room for one more. */
const MAX_STRAY_REJECTS = 512

/**
 * Requests to one peer that were taken back (cancelled, or dropped because of a choke) and that it may have answered before it
 * knew. Only these blocks may still come, each of them once, and not without end: a block that was asked for and then taken back
 * is of no use, so a peer that sends nothing else is not worth its connection.
 */
export class TakenBackRequests {
  readonly #requests = new RequestQueue(CAPACITY)
  /** Bytes that may still come late. */
  #lateRoom = FIRST_LATE_BYTES
  #strayRejects = 0

  get count(): number {
    return this.#requests.length
  }

  add(piece: number, block: number): void {
    if (this.#requests.room === 0) this.#requests.removeAt(0)
    this.#requests.push(piece, block)
  }

  /** True if a block may come late, and the peer has not sent too many late ones. */
  mayCome(piece: number, block: number, length: number): boolean {
    return length <= this.#lateRoom && this.#requests.find(piece, block) >= 0
  }

  /** A block that may come has come. */
  came(piece: number, block: number, length: number): void {
    this.#take(piece, block)
    this.#lateRoom -= length
  }

  /** A block that is not requested now was rejected. False after too many rejects of blocks that were never requested. */
  rejected(piece: number, block: number): boolean {
    return this.#take(piece, block) || ++this.#strayRejects <= MAX_STRAY_REJECTS
  }

  /** A useful block has arrived. */
  onUseful(length: number): void {
    if (this.#lateRoom < MAX_LATE_BYTES) this.#lateRoom = Math.min(MAX_LATE_BYTES, this.#lateRoom + length)
    if (this.#strayRejects > 0) this.#strayRejects--
  }

  #take(piece: number, block: number): boolean {
    const position = this.#requests.find(piece, block)
    if (position < 0) return false
    this.#requests.removeAt(position)
    return true
  }
}
