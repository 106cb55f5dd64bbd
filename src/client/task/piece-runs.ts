import type { Bitfield } from '../../base/bitfield.js'

/** The runs of pieces without a gap, first and last of each. */
export function* runsOf(pieces: Bitfield): Iterable<[first: number, last: number]> {
  let first = -1
  let last = -1
  for (const piece of pieces) {
    if (first >= 0 && piece === last + 1) {
      last = piece
      continue
    }
    if (first >= 0) yield [first, last]
    first = piece
    last = piece
  }
  if (first >= 0) yield [first, last]
}
