import { RateMeter } from '../../base/rate-meter.js'
import { RequestQueue } from './request-queue.js'
import { TakenBackRequests } from './taken-back.js'

/** Takes blocks back that one source is not counted on for any more, so that others may be asked for them. */
export interface BlockReturns {
  giveBack(piece: number, block: number): void
}

/** The blocks that one source was asked for, and what has come of them. Times are milliseconds. */
export class Ledger {
  /** Asked for and not answered. */
  readonly requests: RequestQueue
  /** Taken back by us; some may come all the same. */
  readonly takenBack = new TakenBackRequests()
  /** Bytes of blocks. */
  readonly received = new RateMeter()
  /** What came in the last second, a second. */
  bytesPerSecond = 0
  readonly #returns: BlockReturns
  /** When the last block came, or we kept the source from sending one. */
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

  /** A block is asked for. */
  asked(piece: number, block: number, now: number): void {
    if (this.requests.awaitedCount === 0) this.#waitingSince = now
    // The same block is asked for anew: the older request is not counted on.
    if (this.requests.releasedCount > 0) this.takeBack(piece, block)
    this.requests.push(piece, block)
  }

  /** A block has come that was asked for, whether it is of use or not. */
  came(length: number, now: number): void {
    this.received.add(length, now)
    this.#lastBlockAt = now
    this.#waitingSince = now
  }

  /** We keep the source from being heard: it is not its fault that no block comes. */
  heldUp(now: number): void {
    this.#lastBlockAt = now
  }

  /** For how long no block has come while some were asked for. */
  silentMs(now: number): number {
    return now - Math.max(this.#waitingSince, this.#lastBlockAt)
  }

  /** Once a second: measures the rate. */
  onSecond(now: number): void {
    this.bytesPerSecond = this.received.bytesPerSecond(now)
  }

  /** A request was answered by its block. A source that answers a later one will not answer those that were given back before. */
  answered(position: number): void {
    const wasReleased = this.requests.isReleased(position)
    this.requests.removeAt(position)
    if (!wasReleased && this.requests.releasedCount > 0) this.requests.moveReleased(this.takenBack)
  }

  /** A request will not be answered: others may be asked for its block. */
  forget(position: number): void {
    this.release(position)
    this.requests.removeAt(position)
  }

  /** A request is not counted on any more: others may be asked for its block; should the answer come, it is welcome. */
  release(position: number): void {
    if (this.requests.isReleased(position)) return
    this.requests.release(position)
    this.#returns.giveBack(this.requests.pieceAt(position), this.requests.blockAt(position))
  }

  /** As `release` for all requests. */
  releaseAll(): void {
    for (let position = 0; position < this.requests.length; position++) this.release(position)
  }

  /** Answers to what was released will be no answers to open requests any more. */
  expireReleased(): void {
    this.requests.moveReleased(this.takenBack)
  }

  /** Nothing more is expected: the source is gone, or dropped all requests. */
  forgetAll(): void {
    this.releaseAll()
    this.requests.clear()
  }

  /** All requests are taken back; should answers come all the same, they are no offence. */
  takeBackAll(): void {
    for (let position = 0; position < this.requests.length; position++)
      this.takenBack.add(this.requests.pieceAt(position), this.requests.blockAt(position))
    this.forgetAll()
  }

  /** A request is taken back because its block came from elsewhere. False where there is none. */
  takeBack(piece: number, block: number): boolean {
    const position = this.requests.find(piece, block)
    if (position < 0) return false
    this.requests.removeAt(position)
    this.takenBack.add(piece, block)
    return true
  }
}
