import { MAX_ALLOWED_FAST } from '../limits.js'

/** Pieces that a peer suggests (BEP 6), the oldest first; those beyond the bound are ignored. */
export class Suggestions {
  /** Undefined for most peers, which never suggest anything. */
  #pieces: Set<number> | undefined

  add(piece: number): void {
    this.#pieces ??= new Set()
    if (this.#pieces.size < MAX_ALLOWED_FAST) this.#pieces.add(piece)
  }

  /** The first that is of use and may be requested; those before it that are of no use any more are forgotten. */
  first(isOfUse: (piece: number) => boolean, mayBeAsked: (piece: number) => boolean): number | undefined {
    if (this.#pieces === undefined) return undefined
    for (const piece of this.#pieces) {
      if (!isOfUse(piece)) this.#pieces.delete(piece)
      else if (mayBeAsked(piece)) return piece
    }
    return undefined
  }
}
