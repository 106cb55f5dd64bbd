import type { Random } from '../../base/random.js'
import type { PickOrder } from '../../engine/pick/make-strategy.js'
import type { SwarmPlan } from '../world/swarm-plan.js'
import type { SwarmResult } from '../world/swarm-result.js'

/** The size of a swarm, and what can be chosen from outside. */
export interface SwarmSize {
  /** Leechers. */
  readonly peers: number
  readonly pieces: number
  /** Bytes. */
  readonly pieceLength: number
  readonly pick: PickOrder
  /** Connections of a host, at most. */
  readonly degree: number
}

/** The value that a figure is to reach. */
export type Aim = { readonly atLeast: number } | { readonly atMost: number }

/** A measured value. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: '%' | 's' | 'F' | '×' | ''
  readonly aim?: Aim | undefined
}

/** A swarm, and the figures that are taken of it. */
export interface Scenario {
  readonly name: string
  readonly title: string
  readonly defaults: { readonly peers: number; readonly pieces: number }
  plan(size: SwarmSize, random: Random): SwarmPlan
  figures(result: SwarmResult): Figure[]
}

/** Whether a figure reaches its aim; undefined where it has none. */
export function isReached({ value, aim }: Figure): boolean | undefined {
  if (aim === undefined) return undefined
  return 'atLeast' in aim ? value >= aim.atLeast : value <= aim.atMost
}
