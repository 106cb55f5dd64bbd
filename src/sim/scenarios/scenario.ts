import type { Random } from '../../base/random.js'
import type { PickOrder } from '../../engine/pick/make-strategy.js'
import type { SwarmPlan } from '../world/swarm-plan.js'
import type { SwarmResult } from '../world/swarm-result.js'

/** How large a swarm is, and what can be set of it from outside. */
export interface SwarmSize {
  /** Leechers. */
  readonly peers: number
  readonly pieces: number
  /** Bytes. */
  readonly pieceLength: number
  readonly pick: PickOrder
  /** Connections of a host. */
  readonly degree: number
}

/** How good a figure is to be. */
export type Aim = { readonly atLeast: number } | { readonly atMost: number }

/** Something that was measured. */
export interface Figure {
  readonly name: string
  readonly value: number
  readonly unit: '%' | 's' | 'F' | '×' | ''
  readonly aim?: Aim | undefined
}

/** A swarm to look at, and what is looked for. */
export interface Scenario {
  readonly name: string
  readonly title: string
  readonly defaults: { readonly peers: number; readonly pieces: number }
  plan(size: SwarmSize, random: Random): SwarmPlan
  figures(result: SwarmResult): Figure[]
}

/** Whether a figure is as good as it is to be; undefined where nothing is said about that. */
export function isReached({ value, aim }: Figure): boolean | undefined {
  if (aim === undefined) return undefined
  return 'atLeast' in aim ? value >= aim.atLeast : value <= aim.atMost
}
