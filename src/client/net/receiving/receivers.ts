import type { BlockSource } from '../../../engine/download/source.js'
import type { Content } from '../content.js'

/** A block that has stopped arriving for this long loses its memory, if other blocks wait for memory. */
const STUCK_MS = 2_000

/** A block on its way from a source to its place. */
export interface BlockPlace {
  readonly piece: number
  /** Bytes within the piece. */
  readonly offset: number
}

/** A block on its way, with what it belongs to. */
export interface ArrivingBlock extends BlockPlace {
  readonly source: BlockSource
  readonly content: Content
}

/** The receiving end of one source's blocks, such as a connection with a peer. */
export interface Receiver {
  /** The block that has come in part. */
  readonly arriving: ArrivingBlock | undefined
  /** When bytes came last, in milliseconds of the session's clock. */
  readonly heardAt: number
  /** Leaves the block that is arriving to others: what still comes of it is discarded. */
  giveUpBlock(): void
  /** There may be memory for the block that waits. */
  resume(): void
}

/** The receivers of all torrents: which of them wait for memory, and which leave a block to others. */
export class Receivers {
  readonly #now: () => number
  readonly #all = new Set<Receiver>()
  #waiting = new Set<Receiver>()

  constructor(now: () => number) {
    this.#now = now
  }

  add(receiver: Receiver): void {
    this.#all.add(receiver)
  }

  delete(receiver: Receiver): void {
    this.#all.delete(receiver)
    this.#waiting.delete(receiver)
  }

  /** A block waits for memory: its receiver is resumed when there is some. */
  waitForRoom(receiver: Receiver): void {
    this.#waiting.add(receiver)
    this.#freeStuckBlocks(this.#now())
  }

  /** Another receiver may be in the middle of a block that begins: true where it left the block to its source. */
  takeOver({ piece, offset, source, content }: ArrivingBlock): boolean {
    for (const receiver of this.#all) {
      const other = receiver.arriving
      if (other?.content !== content || other.piece !== piece || other.offset !== offset) continue
      if (!content.torrent.downloader.yields(other.source, source)) return false
      receiver.giveUpBlock()
      return true
    }
    return false
  }

  /** There is memory again: the receivers that have waited longest go on first. */
  resumeWaiting(): void {
    const waiting = this.#waiting
    this.#waiting = new Set()
    for (const receiver of waiting) receiver.resume()
  }

  onSecond(now: number): void {
    if (this.#waiting.size > 0) this.#freeStuckBlocks(now)
  }

  /** Frees the memory of blocks that never end while others wait for it. */
  #freeStuckBlocks(now: number): void {
    for (const receiver of this.#all) {
      const isSilent = receiver.arriving?.source.expectedRate === 0
      if (isSilent || now - receiver.heardAt > STUCK_MS) receiver.giveUpBlock()
    }
  }
}
