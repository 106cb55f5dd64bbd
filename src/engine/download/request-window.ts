import { BLOCK_LENGTH } from '../../protocol/metainfo/metainfo.js'

export const MIN_WINDOW = 2
export const MAX_WINDOW = 500

/** Seconds of data that are kept asked for: enough for a long round trip and a peer that reads its disk. */
const WINDOW_SECONDS = 3

/**
 * How many blocks are asked of a peer at a time. It follows the rate, about three seconds of it. A peer whose rate still
 * grows is in slow start: every block that comes allows one more, so that a fast peer is not held back by its first second.
 */
export class RequestWindow {
  #size = MIN_WINDOW
  #limit = MAX_WINDOW
  #isSlowStart = true
  #lastRate = 0
  #bytesPerSecond: number | undefined
  #isSnubbed = false
  #mayProbe = false

  /** Blocks. */
  get size(): number {
    return this.#isSnubbed ? 1 : Math.min(this.#size, this.#limit)
  }

  /** What the peer sends now; undefined while that is not known. */
  get bytesPerSecond(): number | undefined {
    return this.#bytesPerSecond
  }

  /** What the peer said it keeps waiting (`reqq`, BEP 10). */
  limitTo(requests: number): void {
    this.#limit = Math.max(1, Math.min(requests, MAX_WINDOW))
  }

  /** After a pause the way may have changed: it is found out anew. */
  restart(): void {
    this.#isSlowStart = true
    this.#lastRate = 0
    this.#bytesPerSecond = undefined
  }

  /** The peer unchoked and choked us without sending a block: it is asked as a newcomer is. */
  startOver(): void {
    this.#size = MIN_WINDOW
  }

  /** A snubbed peer gets one request, until a block comes, and one more each time that it is snubbed again, or rejected the last. */
  snub(): void {
    this.#isSnubbed = true
    this.#mayProbe = true
    this.#size = MIN_WINDOW
  }

  /** Whether a snubbed peer may be asked for a block once more; says so once. */
  takeProbe(): boolean {
    const mayProbe = this.#mayProbe
    this.#mayProbe = false
    return mayProbe
  }

  onBlock(): void {
    this.#isSnubbed = false
    if (this.#isSlowStart && this.#size < this.#limit) this.#size++
  }

  /** Once a second, with the rate of that second. */
  onSecond(bytesPerSecond: number): void {
    if (bytesPerSecond > 0) this.#bytesPerSecond = bytesPerSecond
    if (this.#isSlowStart) {
      // Growth by less than a tenth: the way there is full.
      if (this.#lastRate > 0 && bytesPerSecond < this.#lastRate * 1.1) this.#isSlowStart = false
      this.#lastRate = bytesPerSecond
      if (this.#isSlowStart) return
    }
    const blocks = Math.ceil((bytesPerSecond * WINDOW_SECONDS) / BLOCK_LENGTH)
    this.#size = Math.min(MAX_WINDOW, Math.max(MIN_WINDOW, blocks))
  }
}
