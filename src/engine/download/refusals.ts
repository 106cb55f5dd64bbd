import { MAX_REFUSED_PIECES, REFUSAL_MS } from '../limits.js'

/** Pieces for which a peer rejected a request while it did not choke us: they are requested from it again after a while. */
export class Refusals {
  /** Undefined for most peers, which never reject anything. */
  #pieces: Set<number> | undefined
  #until = 0

  /** True if it rejected too many pieces, so that nothing is requested from it for now. */
  get areTooMany(): boolean {
    return this.#count >= MAX_REFUSED_PIECES
  }

  has(piece: number): boolean {
    return this.#pieces?.has(piece) ?? false
  }

  add(piece: number, now: number): void {
    if (this.#count === 0) this.#until = now + REFUSAL_MS
    this.#pieces ??= new Set()
    if (!this.areTooMany) this.#pieces.add(piece)
  }

  onSecond(now: number): void {
    if (this.#count > 0 && now >= this.#until) this.clear()
  }

  clear(): void {
    this.#pieces = undefined
  }

  get #count(): number {
    return this.#pieces?.size ?? 0
  }
}
