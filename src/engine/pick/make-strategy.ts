import { unreachable } from '../../base/errors.js'
import type { Random } from '../../base/random.js'
import { RandomStrategy } from './random.js'
import { RarestStrategy } from './rarest.js'
import { SequentialStrategy } from './sequential.js'
import type { PieceStrategy } from './strategy.js'

export type PickOrder = 'random' | 'rarest' | 'sequential'

export function makeStrategy(order: PickOrder, pieceCount: number, random: Random): PieceStrategy {
  switch (order) {
    case 'random':
      return new RandomStrategy(pieceCount, random)
    case 'rarest':
      return new RarestStrategy(pieceCount, random)
    case 'sequential':
      return new SequentialStrategy(pieceCount)
    default:
      return unreachable(order)
  }
}
