import type { Contributor } from '../download/contributor.js'
import { MAX_EXCLUSIVE_ATTEMPTS } from '../limits.js'

/** A piece that had a bad copy. */
interface Suspicion {
  /** The contributors to bad copies. */
  readonly contributors: Set<Contributor>
  /** How often it was left to one peer alone since the last bad copy. */
  attempts: number
}

/** Pieces that had bad copies, and no good one yet. */
export class Suspicions {
  readonly #byPiece = new Map<number, Suspicion>()

  /** In the order in which they failed. */
  get pieces(): Iterable<number> {
    return this.#byPiece.keys()
  }

  /** Whether this contributor had a part in a bad copy of the piece. */
  isSuspect(piece: number, contributor: Contributor): boolean {
    return this.#byPiece.get(piece)?.contributors.has(contributor) ?? false
  }

  /** A bad copy came. */
  add(piece: number, contributors: Iterable<Contributor>): void {
    const before = this.#byPiece.get(piece)?.contributors ?? []
    this.#byPiece.set(piece, { contributors: new Set([...before, ...contributors]), attempts: 0 })
  }

  /** A good copy came. */
  delete(piece: number): void {
    this.#byPiece.delete(piece)
  }

  /** Whether the piece, which is begun now, is left to one peer alone, so that another bad copy can only be from that peer. */
  takeAttempt(piece: number): boolean {
    const suspicion = this.#byPiece.get(piece)
    return suspicion !== undefined && suspicion.attempts++ < MAX_EXCLUSIVE_ATTEMPTS
  }
}
