import type { Contributor } from './contributor.js'
import type { RequestQueue } from './request-queue.js'

const OPEN = 0
const ASKED_ONCE = 1
const ASKED_TWICE = 2
const RECEIVED = 3

/** A piece that is left to one source alone is open to others when no block of it came for 10 s. */
const QUIET_SECONDS = 10

/** The result for a block that has come; it may still be requested from another source. */
export type Received = 'new' | 'new-and-asked-elsewhere' | 'duplicate'

/**
 * A piece in progress: for each block whether it is open (requested from no source), requested from one source or two (endgame), or
 * received, and the contributor that sent it.
 */
export class PieceDownload<Owner> {
  readonly piece: number
  readonly blockCount: number
  /** The source that works through this piece; others join in only when nothing else is left for them. */
  owner: Owner | undefined
  /** It is left to this one alone, so that a bad copy can only be from it. */
  reservedFor: Contributor | undefined
  /** For how long that lasts at most. */
  #reservedSeconds = 0
  /** Since when no block of it came, while it is left to one alone. */
  #quietSeconds = 0
  readonly #states: Uint8Array
  readonly #senders: (Contributor | undefined)[]
  #open: number
  #received = 0
  /** No open block lies before it. */
  #firstOpen = 0
  /** The one source that was asked for blocks of it first; `several` once there was another. */
  #asker: Owner | 'several' | undefined

  constructor(piece: number, blockCount: number) {
    this.piece = piece
    this.blockCount = blockCount
    this.#states = new Uint8Array(blockCount)
    this.#senders = new Array<Contributor | undefined>(blockCount)
    this.#open = blockCount
  }

  get openCount(): number {
    return this.#open
  }

  get isComplete(): boolean {
    return this.#received === this.blockCount
  }

  /** No block was received, and none is requested: as if it had never begun. */
  get isUntouched(): boolean {
    return this.#open === this.blockCount
  }

  /** The contributors that sent blocks of this piece. */
  get contributors(): Set<Contributor> {
    const contributors = new Set<Contributor>()
    for (const sender of this.#senders) if (sender !== undefined) contributors.add(sender)
    return contributors
  }

  /** The contributor that sent each block, by its number. */
  get senders(): readonly (Contributor | undefined)[] {
    return this.#senders
  }

  /** Leaves it to one alone, for `seconds` at most, or until no block came for `QUIET_SECONDS`. */
  reserve(contributor: Contributor, seconds: number): void {
    this.reservedFor = contributor
    this.#reservedSeconds = seconds
  }

  /** Once a second. */
  onSecond(): void {
    if (this.reservedFor === undefined) return
    if (--this.#reservedSeconds <= 0 || ++this.#quietSeconds >= QUIET_SECONDS) this.reservedFor = undefined
  }

  isOpenTo(contributor: Contributor): boolean {
    return this.reservedFor === undefined || this.reservedFor === contributor
  }

  isReceived(block: number): boolean {
    return this.#states[block] === RECEIVED
  }

  /** Takes the first open block, to be requested from that source; −1 where there is none. */
  takeOpen(source: Owner): number {
    if (this.#open === 0) return -1
    this.#asker = this.#asker === undefined || this.#asker === source ? source : 'several'
    let block = this.#firstOpen
    while (this.#states[block] !== OPEN) block++
    this.#states[block] = ASKED_ONCE
    this.#firstOpen = block + 1
    this.#open--
    return block
  }

  /**
   * Takes a block at or after `from` that one other source was asked for, to be requested from this one as well; −1 where there is
   * none (endgame).
   * @param asked the source's open requests
   */
  takeSecond(source: Owner, asked: RequestQueue, from: number): number {
    // Most pieces were requested from one source alone, whose thousands of requests need not be searched then.
    if (this.#asker === source) return -1
    for (let i = 0; i < this.blockCount; i++) {
      const block = (from + i) % this.blockCount
      if (this.#states[block] === ASKED_ONCE && asked.find(this.piece, block) < 0) {
        this.#states[block] = ASKED_TWICE
        return block
      }
    }
    return -1
  }

  /** A source will not send a block that was requested from it. True where it is requested from no other. */
  release(block: number): boolean {
    const state = this.#states[block]
    if (state === ASKED_TWICE) this.#states[block] = ASKED_ONCE
    if (state !== ASKED_ONCE) return false
    this.#states[block] = OPEN
    this.#open++
    this.#firstOpen = Math.min(this.#firstOpen, block)
    return true
  }

  /** All received blocks are lost and open again; requested ones stay requested. */
  reopen(): void {
    for (let block = 0; block < this.blockCount; block++) {
      if (this.#states[block] !== RECEIVED) continue
      this.#states[block] = OPEN
      this.#senders[block] = undefined
      this.#open++
      this.#firstOpen = Math.min(this.#firstOpen, block)
    }
    this.#received = 0
  }

  /** A block has come. Returns whether it was new, and whether it is still requested from another source. */
  receive(block: number, sender: Contributor): Received {
    const state = this.#states[block]
    if (state === RECEIVED) return 'duplicate'
    this.#states[block] = RECEIVED
    this.#senders[block] = sender
    this.#received++
    this.#quietSeconds = 0
    if (state === OPEN) this.#open--
    return state === ASKED_TWICE || state === OPEN ? 'new-and-asked-elsewhere' : 'new'
  }
}
