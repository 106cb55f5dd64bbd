import type { Bitfield } from '../../base/bitfield.js'

/**
 * The order in which new pieces are begun. It holds the candidates: pieces that are wanted and not begun. Each call
 * takes constant time, but for a `pick` whose first guesses fail, which then searches the two bitfields 32 pieces a step.
 */
export interface PieceStrategy {
  /** How many candidates there are. */
  readonly size: number
  add(piece: number): void
  remove(piece: number): void
  has(piece: number): boolean
  /** The availability of a piece is another by now. Absent where that does not matter. */
  availabilityChanged?(piece: number): void
  /** As `availabilityChanged` for all pieces of a peer that came or went. */
  availabilitiesChanged?(pieces: Bitfield): void
  /** A candidate that is among `offered` and that `accepts` lets through; it stays a candidate. Undefined where there is none. */
  pick(offered: Bitfield, accepts: (piece: number) => boolean): number | undefined
}

/** Guesses before a search of the bitfields. */
export const MAX_PROBES = 32
