import { MAX_ALLOWED_FAST } from '../limits.js'

/** Pieces that a peer lets us ask for while it chokes us (BEP 6). What was allowed last is what counts: it may be the rest of a piece. */
export class AllowedPieces {
  readonly #pieces = new Set<number>()

  get size(): number {
    return this.#pieces.size
  }

  has(piece: number): boolean {
    return this.#pieces.has(piece)
  }

  /** The oldest makes room where there are too many. */
  add(piece: number): void {
    if (this.#pieces.size >= MAX_ALLOWED_FAST) {
      const [oldest] = this.#pieces
      if (oldest !== undefined) this.#pieces.delete(oldest)
    }
    this.#pieces.add(piece)
  }

  delete(piece: number): void {
    this.#pieces.delete(piece)
  }

  [Symbol.iterator](): IterableIterator<number> {
    return this.#pieces.values()
  }
}
