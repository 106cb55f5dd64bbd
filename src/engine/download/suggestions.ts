import { MAX_ALLOWED_FAST } from '../limits.js'

/** Pieces that a peer would rather be asked for (BEP 6), the oldest first; what is beyond the bound is not heard. */
export class Suggestions {
  /** Most peers never suggest anything. */
  #pieces: Set<number> | undefined

  add(piece: number): void {
    this.#pieces ??= new Set()
    if (this.#pieces.size < MAX_ALLOWED_FAST) this.#pieces.add(piece)
  }

  /** The first that is still of use and may be asked for; those before it that are of no use are forgotten. */
  first(isOfUse: (piece: number) => boolean, mayBeAsked: (piece: number) => boolean): number | undefined {
    if (this.#pieces === undefined) return undefined
    for (const piece of this.#pieces) {
      if (!isOfUse(piece)) this.#pieces.delete(piece)
      else if (mayBeAsked(piece)) return piece
    }
    return undefined
  }
}
