import { unreachable } from '../../base/errors.js'
import type { Random } from '../../base/random.js'
import type { Availability } from './availability.js'
import { RandomStrategy } from './random.js'
import { RarestStrategy } from './rarest.js'
import { SequentialStrategy } from './sequential.js'
import type { PieceStrategy } from './strategy.js'

export type PickOrder = 'random' | 'rarest' | 'random-then-rarest' | 'sequential'

/** Pieces that are begun at random before the rarest come first. */
const RANDOM_START = 4

export function makeStrategy(
  order: PickOrder,
  pieceCount: number,
  availability: Availability,
  random: Random,
): PieceStrategy {
  switch (order) {
    case 'random':
      return new RandomStrategy(pieceCount, random)
    case 'rarest':
      return new RarestStrategy(pieceCount, availability, random)
    case 'random-then-rarest':
      return new RarestStrategy(pieceCount, availability, random, RANDOM_START)
    case 'sequential':
      return new SequentialStrategy(pieceCount)
    default:
      return unreachable(order)
  }
}
