import { unreachable } from '../../../base/errors.js'
import { fastest } from './fastest.js'
import type { ChokingPolicy } from './policy.js'
import { roundRobin } from './round-robin.js'

/** How a seeder chooses which peers to unchoke. */
export type SeedChoker = 'round-robin' | 'fastest'

/** @param quota bytes that a peer may take in its turn */
export function makeSeedPolicy(choker: SeedChoker, quota: number): ChokingPolicy {
  switch (choker) {
    case 'round-robin':
      return roundRobin(quota)
    case 'fastest':
      return fastest
    default:
      return unreachable(choker)
  }
}
