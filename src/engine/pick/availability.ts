import type { Bitfield } from '../../base/bitfield.js'

/** How many of the connected peers have each piece. Seeds have them all, so they are counted by their number alone. */
export class Availability {
  /** Peers that have every piece. */
  seeds = 0
  /** Of the others, those that have the piece. */
  readonly #counts: Uint16Array

  constructor(pieceCount: number) {
    this.#counts = new Uint16Array(pieceCount)
  }

  /** All peers that have the piece. */
  of(piece: number): number {
    return this.seeds + this.amongLeechers(piece)
  }

  /** The peers that have the piece, without seeds. */
  amongLeechers(piece: number): number {
    return this.#counts[piece] ?? 0
  }

  /** One more, or one fewer, of the peers other than seeds has the piece. */
  change(piece: number, by: 1 | -1): void {
    this.#counts[piece] = this.amongLeechers(piece) + by
  }

  /** As `change` for all pieces of a peer: some milliseconds for a million. */
  changeAll(pieces: Bitfield, by: 1 | -1): void {
    pieces.visitAll(piece => this.change(piece, by))
  }
}
