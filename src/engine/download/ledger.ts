import { RateMeter } from '../../base/rate-meter.js'
import { RequestQueue } from './request-queue.js'
import { TakenBackRequests } from './taken-back.js'

/** Takes back blocks that are no longer expected from a source, so that they may be requested from others. */
export interface BlockReturns {
  giveBack(piece: number, block: number): void
}

/** The requests to one source, and the blocks that came from it. Times are milliseconds. */
export class Ledger {
  /** Not answered yet. */
  readonly requests: RequestQueue
  /** Taken back by us; blocks may come all the same. */
  readonly takenBack = new TakenBackRequests()
  /** Bytes of blocks. */
  readonly received = new RateMeter()
  /** Bytes a second, as measured in the last second. */
  bytesPerSecond = 0
  readonly #returns: BlockReturns
  /** When the last block came, or we stopped reading from the source. */
  #lastBlockAt: number
  /** When the open requests began to wait. */
  #waitingSince: number

  /** @param capacity requests that may be open, a power of two */
  constructor(returns: BlockReturns, capacity: number, now: number) {
    this.#returns = returns
    this.requests = new RequestQueue(capacity)
    this.#lastBlockAt = now
    this.#waitingSince = now
  }

  /** A block is requested. */
  asked(piece: number, block: number, now: number): void {
    if (this.requests.awaitedCount === 0) this.#waitingSince = now
    // The same block is requested anew: the older request is not expected to be answered.
    if (this.requests.releasedCount > 0) this.takeBack(piece, block)
    this.requests.push(piece, block)
  }

  /** A requested block has come, whether it is of use or not. */
  came(length: number, now: number): void {
    this.received.add(length, now)
    this.#lastBlockAt = now
    this.#waitingSince = now
  }

  /** We do not read from the source: it is not its fault that no block comes. */
  heldUp(now: number): void {
    this.#lastBlockAt = now
  }

  /** For how long no block has come while some were requested. */
  silentMs(now: number): number {
    return now - Math.max(this.#waitingSince, this.#lastBlockAt)
  }

  /** Call once a second: measures the rate. */
  onSecond(now: number): void {
    this.bytesPerSecond = this.received.bytesPerSecond(now)
  }

  /** A request was answered by its block. A source answers in order: requests before it that were given back are not answered. */
  answered(position: number): void {
    const wasReleased = this.requests.isReleased(position)
    this.requests.removeAt(position)
    if (!wasReleased && this.requests.releasedCount > 0) this.requests.moveReleased(this.takenBack)
  }

  /** A request will not be answered: its block may be requested from others. */
  forget(position: number): void {
    this.release(position)
    this.requests.removeAt(position)
  }

  /** An answer is no longer expected: the block may be requested from others; if it comes all the same, it is used. */
  release(position: number): void {
    if (this.requests.isReleased(position)) return
    this.requests.release(position)
    this.#returns.giveBack(this.requests.pieceAt(position), this.requests.blockAt(position))
  }

  /** As `release`, for all requests. */
  releaseAll(): void {
    for (let position = 0; position < this.requests.length; position++) this.release(position)
  }

  /** Requests that were released are no longer open: late answers to them are not used. */
  expireReleased(): void {
    this.requests.moveReleased(this.takenBack)
  }

  /** No answers will come: the source is gone, or dropped all requests. */
  forgetAll(): void {
    this.releaseAll()
    this.requests.clear()
  }

  /** All requests are taken back; late answers are no breach. */
  takeBackAll(): void {
    for (let position = 0; position < this.requests.length; position++)
      this.takenBack.add(this.requests.pieceAt(position), this.requests.blockAt(position))
    this.forgetAll()
  }

  /** A request is taken back because its block came from another source. False where there is none. */
  takeBack(piece: number, block: number): boolean {
    const position = this.requests.find(piece, block)
    if (position < 0) return false
    this.requests.removeAt(position)
    this.takenBack.add(piece, block)
    return true
  }
}
