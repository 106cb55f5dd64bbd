// BEP 19: a server is asked for many pieces in a row, which are found where peers have left the largest gaps.

import type { Bitfield } from '../../base/bitfield.js'
import type { PickablePieces } from './pickable-pieces.js'

/** Places that are looked at. */
const PROBES = 8

interface RunTaker {
  readonly pieces: Bitfield
  readonly mayAskFor: (piece: number) => boolean
}

/**
 * The first piece of a run of pickable pieces of one priority: where the order of pieces leads to, or at one of some such places where more of
 * the run is left. Runs begin anywhere, since all who begin at the same place have nothing to give each other.
 * @param enough pieces: longer runs are no better
 */
export function beginningOfRun(
  pickable: PickablePieces,
  taker: RunTaker,
  enough: number,
): number | undefined {
  let best: number | undefined
  let bestLength = 0
  for (let probe = 0; probe < PROBES && bestLength < enough; probe++) {
    const piece = pickable.pick(taker.pieces, taker.mayAskFor)
    if (piece === undefined) return best
    const behind = stepsFrom(pickable, taker, piece, 1, enough - 1)
    const before = stepsFrom(pickable, taker, piece, -1, enough - 1 - behind)
    const length = before + 1 + behind
    if (length <= bestLength) continue
    best = piece - before
    bestLength = length
  }
  return best
}

/** How many pickable pieces of the same priority follow on a piece in one direction, up to `most`. */
function stepsFrom(
  pickable: PickablePieces,
  taker: RunTaker,
  piece: number,
  direction: 1 | -1,
  most: number,
): number {
  const priority = pickable.wanted.priorityOf(piece)
  let steps = 0
  for (; steps < most; steps++) {
    const next = piece + direction * (steps + 1)
    if (!pickable.has(next) || pickable.wanted.priorityOf(next) !== priority) break
    if (!taker.pieces.has(next) || !taker.mayAskFor(next)) break
  }
  return steps
}
