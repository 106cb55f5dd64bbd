import type { ChokingMoment, ChokingPolicy } from './policy.js'
import type { Standing } from './standing.js'

/** A turn lasts at least 30 s, since a connection needs some seconds to come up to speed, and at most 5 min while others wait. */
const MIN_TURN_MS = 30_000
const MAX_TURN_MS = 300_000

/** A peer that has waited longer than 10 min comes first, however little it lacks. */
const LONG_WAIT_MS = 600_000

/**
 * While seeding: every peer has a turn. A peer keeps its slot until it was sent its quota, then the slot goes to the one that
 * has waited longest; once other peers have copies of everything, to one that has waited long and lacks much. Where slots
 * become fewer, the fastest peers keep theirs. Peers that withhold what they got come last.
 */
export function roundRobin(quota: number): ChokingPolicy {
  const hasHadItsTurn = (standing: Standing, now: number) => {
    if (!standing.isUnchoked) return false
    const lasted = now - standing.unchokedAt
    return lasted >= MIN_TURN_MS && (standing.takenThisTurn >= quota || lasted >= MAX_TURN_MS)
  }
  return {
    qualifies: () => true,
    compare: (a, b, moment) =>
      Number(a.withholds) - Number(b.withholds) ||
      Number(a.isPenalized(moment.now)) - Number(b.isPenalized(moment.now)) ||
      Number(hasHadItsTurn(a, moment.now)) - Number(hasHadItsTurn(b, moment.now)) ||
      Number(b.isUnchoked) - Number(a.isUnchoked) ||
      (a.isUnchoked ? b.taken - a.taken : compareWaiting(a, b, moment)) ||
      a.peer.connectedAt - b.peer.connectedAt,
    isInCredit: () => true,
    keepsIdleSlot: () => false,
    hasOptimisticSlots: false,
    sharesTurns: true,
  }
}

function compareWaiting(a: Standing, b: Standing, { now, isSpread }: ChokingMoment): number {
  const hasWaitedLong = ({ unchokedAt }: Standing) => now - unchokedAt > LONG_WAIT_MS
  // While only we have some pieces, all peers wait for those, and the one that lacks most may be one that uploads nothing.
  if (!isSpread || hasWaitedLong(a) || hasWaitedLong(b)) return a.unchokedAt - b.unchokedAt
  return urgency(b, now) - urgency(a, now)
}

/**
 * A swarm is done when its last peer is. Peers that are behind because their neighbours are slow have to be helped long before the
 * end, when only their own lines limit them. Of the powers from 1 to 4 each did better than the one before.
 */
function urgency({ peer: { pieces }, unchokedAt }: Standing, now: number): number {
  return (now - unchokedAt) * (1 - pieces.count / pieces.length) ** 4
}
