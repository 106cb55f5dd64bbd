import type { ChokingPolicy } from './policy.js'
import type { Standing } from './standing.js'

/** A turn is never shorter, since a connection needs some seconds to come up to speed, nor longer than this while others wait. */
const MIN_TURN_MS = 30_000
const MAX_TURN_MS = 300_000

/**
 * When seeding: everybody has a turn. Who has a slot keeps it until it took its quota, then it goes to whoever has waited
 * longest; where slots become fewer, the fastest keep theirs. Those come last who pass nothing on.
 */
export function roundRobin(quota: number): ChokingPolicy {
  const hasHadItsTurn = (standing: Standing, now: number) => {
    if (!standing.isUnchoked) return false
    const lasted = now - standing.unchokedAt
    return lasted >= MIN_TURN_MS && (standing.takenThisTurn >= quota || lasted >= MAX_TURN_MS)
  }
  return {
    earns: () => true,
    compare: (a, b, now) =>
      Number(a.owes) - Number(b.owes) ||
      Number(hasHadItsTurn(a, now)) - Number(hasHadItsTurn(b, now)) ||
      Number(b.isUnchoked) - Number(a.isUnchoked) ||
      (a.isUnchoked ? b.taken - a.taken : a.unchokedAt - b.unchokedAt) ||
      a.peer.connectedAt - b.peer.connectedAt,
    isOptimistic: false,
  }
}
