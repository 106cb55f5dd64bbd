import type { Bitfield } from '../../base/bitfield.js'
import { NORMAL, NOT_WANTED } from './priorities.js'

/**
 * Which pieces are wanted, how much, and which of them are here: `isDone` is the one answer to whether a torrent is complete. Exists
 * from when it is known what is on the disk, before there is any peer.
 */
export class WantedPieces {
  /** Verified pieces, whether they are wanted or not. */
  readonly have: Bitfield
  /** By piece; undefined while all are of normal priority. */
  #priorities: Uint8Array | undefined
  /** Verified or not wanted; the same as `have` while all are wanted. */
  #settled: Bitfield
  /** Priorities are being set, one after the other: until they all are, nothing is done that was not before. */
  #selection: { readonly wasDone: boolean } | undefined

  /**
   * @param have pieces that are here already; added to from here on
   * @param priorities 0 to 7 by piece, as `Selection.piecePriorities` gives them; undefined where all are normal
   */
  constructor(have: Bitfield, priorities?: Uint8Array) {
    this.have = have
    this.#settled = have
    if (priorities === undefined) return
    this.#priorities = priorities.slice()
    for (const [piece, priority] of priorities.entries()) this.#settle(piece, priority)
  }

  /** Every piece that is wanted is here and verified. While priorities are being set it is what it was before. */
  get isDone(): boolean {
    return this.#selection?.wasDone ?? this.#settled.isFull
  }

  /** Whether priorities are being set. */
  get isBeingSelected(): boolean {
    return this.#selection !== undefined
  }

  /** Priorities are set from now on, in steps, until `endSelection`; another selection may take the place of this one. */
  beginSelection(): void {
    this.#selection ??= { wasDone: this.isDone }
  }

  /** All priorities are set. True where that made it done. */
  endSelection(): boolean {
    const wasDone = this.isDone
    this.#selection = undefined
    return !wasDone && this.isDone
  }

  /** Whether a piece is wanted and not here yet. */
  lacks(piece: number): boolean {
    return !this.#settled.has(piece)
  }

  /** How many of these pieces are wanted and not here yet. */
  countLacking(pieces: Bitfield): number {
    return pieces.countWithout(this.#settled)
  }

  /** How many pieces are wanted and not here yet. */
  get lackingCount(): number {
    return this.#settled.length - this.#settled.count
  }

  /** The piece is here and verified. */
  verified(piece: number): void {
    this.have.add(piece)
    this.#settled.add(piece)
  }

  /** The piece is no longer here. */
  lost(piece: number): void {
    this.have.delete(piece)
    if (this.priorityOf(piece) !== NOT_WANTED) this.#settled.delete(piece)
  }

  priorityOf(piece: number): number {
    return this.#priorities?.[piece] ?? NORMAL
  }

  setPriority(piece: number, priority: number): void {
    if (this.priorityOf(piece) === priority) return
    this.#priorities ??= new Uint8Array(this.have.length).fill(NORMAL)
    this.#priorities[piece] = priority
    this.#settle(piece, priority)
  }

  #settle(piece: number, priority: number): void {
    if (priority !== NOT_WANTED) {
      if (!this.have.has(piece)) this.#settled.delete(piece)
      return
    }
    if (this.#settled === this.have) this.#settled = this.have.copy()
    this.#settled.add(piece)
  }
}
