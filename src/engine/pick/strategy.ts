import type { Bitfield } from '../../base/bitfield.js'

/**
 * The order in which new pieces are begun. It holds the pickable pieces: those that are wanted and not begun. Each call
 * takes constant time, except a `pick` whose first guesses fail: it searches the two bitfields, 32 pieces a step.
 */
export interface PieceStrategy {
  /** The number of pickable pieces. */
  readonly size: number
  add(piece: number): void
  remove(piece: number): void
  has(piece: number): boolean
  /** The availability of a piece has changed. Absent where that does not matter. */
  availabilityChanged?(piece: number): void
  /** As `availabilityChanged` for all pieces of a peer that came or went. */
  availabilitiesChanged?(pieces: Bitfield): void
  /** A pickable piece that is in `offered` and that `accepts` accepts; it stays pickable. Undefined where there is none. */
  pick(offered: Bitfield, accepts: (piece: number) => boolean): number | undefined
}

/** Guesses before a search of the bitfields. */
export const MAX_PROBES = 32
