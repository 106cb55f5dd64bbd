import { Bitfield } from '../../../base/bitfield.js'
import { BLOCK_LENGTH } from '../../../protocol/metainfo/metainfo.js'
import type { PieceMap } from '../../../protocol/metainfo/piece-map.js'
import { CHUNK_LENGTH, chunkMemory } from '../layout.js'
import type { WorkerNotice, WritePart } from '../messages.js'
import { NO_SLOT } from '../slot-memory.js'
import type { FillingChunk, MemoryUser, ReceiveMemory } from './receive-memory.js'

/** `place` when memory is full: stop reading the socket until `onRoom`. */
export const NO_ROOM = -1
/** `place` for a block that is there already, or arriving on another connection: skip its bytes. */
export const NOT_NEEDED = -2

const BLOCKS_PER_CHUNK = CHUNK_LENGTH / BLOCK_LENGTH

/** Chunks that go to the worker in one message, if memory is not short before. */
const CHUNKS_PER_STRIPE = 4

/** The storage of an `Intake`. */
export interface IntakeOwner {
  /** The worker for a piece that begins; all of an attempt goes to it. */
  chooseWorker(): number
  post(worker: number, request: WorkerNotice): void
  onRoom(): void
  /** Says that the first block of a piece is coming, so that what was read of it before is no longer true. */
  onPieceBegun(piece: number): void
}

/**
 * The pieces of one torrent that are being received. A caller that gets a place for a block calls `placed` or `abandon` later, and
 * until then no other caller gets that place.
 */
export class Intake {
  readonly storage: number
  readonly memory: ReceiveMemory
  readonly user: MemoryUser
  readonly #map: PieceMap
  readonly #owner: IntakeOwner
  readonly #attempts = new Map<number, Attempt>()
  /** Pieces that were hashed and not discarded since. */
  readonly #hashed: Bitfield
  #lastAttempt = 0
  #isClosed = false

  constructor(storage: number, map: PieceMap, memory: ReceiveMemory, owner: IntakeOwner) {
    this.storage = storage
    this.memory = memory
    this.#map = map
    this.#owner = owner
    this.#hashed = new Bitfield(map.pieceCount)
    this.user = { usedBytes: 0, unwrittenBytes: 0, onRoom: () => this.#owner.onRoom() }
  }

  /** Offset into the memory for receiving where a block's bytes go, or `NO_ROOM`, or `NOT_NEEDED`. */
  place(piece: number, offset: number, length: number): number {
    if (offset % BLOCK_LENGTH !== 0 || length > BLOCK_LENGTH) throw new RangeError('not a block')
    if (this.#isClosed || this.#hashed.has(piece)) return NOT_NEEDED
    const attempt = this.#attempts.get(piece) ?? this.#newAttempt(piece)
    const chunk = attempt.chunkAt(offset)
    if (chunk === undefined) return NOT_NEEDED
    const bit = bitOf(offset)
    if (((chunk.transit | chunk.held | chunk.sent) & bit) !== 0) return NOT_NEEDED
    if (chunk.at === NO_SLOT && !this.memory.take(chunk)) return NO_ROOM
    if (attempt.id === 0) this.#begin(attempt)
    chunk.transit |= bit
    return chunk.at + (offset % CHUNK_LENGTH)
  }

  /** All bytes of a block are in their place. */
  placed(piece: number, offset: number): void {
    const chunk = this.#attempts.get(piece)?.chunkAt(offset)
    if (chunk === undefined) return
    if (this.#isClosed) {
      this.abandon(piece, offset)
      return
    }
    const bit = bitOf(offset)
    chunk.transit &= ~bit
    chunk.held |= bit
    if (chunk.isComplete && chunk.stripe.every(part => part.isComplete)) this.send(chunk.stripe)
    else if (chunk.transit === 0) this.memory.becameQuiet(chunk)
  }

  /** A block that had a place will not be finished. */
  abandon(piece: number, offset: number): void {
    const attempt = this.#attempts.get(piece)
    const chunk = attempt?.chunkAt(offset)
    if (attempt === undefined || chunk === undefined) return
    chunk.transit &= ~bitOf(offset)
    if (chunk.transit !== 0) return
    if (chunk.held !== 0) {
      this.memory.becameQuiet(chunk)
      return
    }
    if (chunk.at !== NO_SLOT) this.memory.release(chunk)
    if (attempt.isUntouched) this.#attempts.delete(piece)
  }

  /** Forgets what has come of a piece, so that it can be received again. */
  discard(piece: number): void {
    this.#hashed.delete(piece)
    const attempt = this.#attempts.get(piece)
    if (attempt !== undefined) this.#restart(attempt)
  }

  /** A worker has written, and the memory that it had at these places is free. */
  written(parts: readonly number[]): void {
    for (const at of parts) this.memory.returned(this.user, at)
  }

  /** True where the hashes belong to what was received last of a piece, which is complete with them. */
  isHashed(piece: number, attempt: number): boolean {
    if (this.#attempts.get(piece)?.id !== attempt) return false
    this.#attempts.delete(piece)
    this.#hashed.add(piece)
    return true
  }

  /** True where the failure concerns what was received last of a piece, which begins anew. */
  isFailed(piece: number, id: number): boolean {
    const attempt = this.#attempts.get(piece)
    if (attempt?.id !== id) return false
    this.#restart(attempt)
    return true
  }

  /** Hands what is there of some chunks of a piece to its worker, and the memory with it. */
  send(chunks: readonly Chunk[]): void {
    const parts: WritePart[] = []
    let size = 0
    for (const chunk of chunks) {
      if (!chunk.isQuiet) continue
      size += chunk.size
      parts.push({ chunk: chunk.index, at: chunk.at, blocks: chunk.held })
      chunk.sent |= chunk.held
      chunk.held = 0
      this.memory.sent(chunk)
    }
    const attempt = chunks[0]?.attempt
    if (attempt === undefined || parts.length === 0) return
    this.#owner.post(attempt.worker, {
      type: 'write',
      storage: this.storage,
      attempt: attempt.id,
      piece: attempt.piece,
      parts,
      size,
    })
  }

  /** Lets go of all but the memory that connections are still writing into. */
  close(): void {
    this.#isClosed = true
    this.memory.forget(this.user)
    for (const attempt of [...this.#attempts.values()]) this.#restart(attempt)
  }

  #newAttempt(piece: number): Attempt {
    return new Attempt(this, piece, this.#map.blockCount(piece))
  }

  #begin(attempt: Attempt): void {
    attempt.id = ++this.#lastAttempt
    attempt.worker = this.#owner.chooseWorker()
    this.#attempts.set(attempt.piece, attempt)
    this.#owner.onPieceBegun(attempt.piece)
  }

  /**
   * Blocks that are there are dropped; those on their way stay where they are, since connections write there,
   * and count for the next attempt.
   */
  #restart(attempt: Attempt): void {
    const { id, piece, worker } = attempt
    if (attempt.chunks.some(chunk => chunk.sent !== 0)) {
      this.#owner.post(worker, { type: 'forget', storage: this.storage, attempt: id })
    }
    attempt.id = ++this.#lastAttempt
    for (const chunk of attempt.chunks) {
      chunk.sent = 0
      chunk.held = 0
      if (chunk.at !== NO_SLOT && chunk.transit === 0) this.memory.release(chunk)
    }
    if (attempt.isUntouched) this.#attempts.delete(piece)
  }
}

/** One go at receiving a piece. */
class Attempt {
  readonly piece: number
  readonly chunks: readonly Chunk[]
  /** 0 until its first block has a place. */
  id = 0
  /** The worker that hashes and writes it. */
  worker = 0

  constructor(intake: Intake, piece: number, blockCount: number) {
    this.piece = piece
    this.chunks = Array.from({ length: Math.ceil(blockCount / BLOCKS_PER_CHUNK) }, (_, index) => {
      const blocks = Math.min(BLOCKS_PER_CHUNK, blockCount - index * BLOCKS_PER_CHUNK)
      return new Chunk(intake, this, index, blocks)
    })
  }

  chunkAt(offset: number): Chunk | undefined {
    return this.chunks[Math.floor(offset / CHUNK_LENGTH)]
  }

  /** The chunks that are handed over together with the one of that index. */
  stripeOf(index: number): readonly Chunk[] {
    const first = index - (index % CHUNKS_PER_STRIPE)
    return this.chunks.slice(first, first + CHUNKS_PER_STRIPE)
  }

  /** True where nothing has come, and nothing is coming. */
  get isUntouched(): boolean {
    return this.chunks.every(chunk => (chunk.transit | chunk.held | chunk.sent) === 0)
  }
}

/**
 * Up to sixteen blocks of a piece, which are bits here. Each is in at most one of `transit`, `held` and
 * `sent`.
 */
class Chunk implements FillingChunk {
  readonly attempt: Attempt
  readonly index: number
  readonly size: number
  /** All blocks that the chunk has. */
  readonly all: number
  at = NO_SLOT
  /** Has a place, and its bytes are arriving. */
  transit = 0
  /** Arrived, and in memory. */
  held = 0
  /** Handed to the worker. */
  sent = 0
  readonly #intake: Intake

  constructor(intake: Intake, attempt: Attempt, index: number, blocks: number) {
    this.#intake = intake
    this.attempt = attempt
    this.index = index
    this.size = chunkMemory(blocks * BLOCK_LENGTH)
    this.all = 2 ** blocks - 1
  }

  get isQuiet(): boolean {
    return this.transit === 0 && this.held !== 0
  }

  /** Nothing is missing of it, wherever it is. */
  get isComplete(): boolean {
    return (this.held | this.sent) === this.all
  }

  get stripe(): readonly Chunk[] {
    return this.attempt.stripeOf(this.index)
  }

  get user(): MemoryUser {
    return this.#intake.user
  }

  spill(): void {
    this.#intake.send(this.stripe)
  }
}

function bitOf(offset: number): number {
  return 1 << ((offset / BLOCK_LENGTH) % BLOCKS_PER_CHUNK)
}
