import type { ChokingMoment, ChokingPolicy } from './policy.js'
import type { Standing } from './standing.js'

/** A turn is never shorter, since a connection needs some seconds to come up to speed, nor longer than this while others wait. */
const MIN_TURN_MS = 30_000
const MAX_TURN_MS = 300_000

/** Who has waited longer comes first, whatever others lack. */
const LONG_WAIT_MS = 600_000

/**
 * When seeding: everybody has a turn. Who has a slot keeps it until it took its quota, then it goes to whoever has waited
 * longest; once there are copies of everything, to whoever has waited long and lacks much. Where slots become fewer, the fastest keep theirs. Those come last who pass nothing on.
 */
export function roundRobin(quota: number): ChokingPolicy {
  const hasHadItsTurn = (standing: Standing, now: number) => {
    if (!standing.isUnchoked) return false
    const lasted = now - standing.unchokedAt
    return lasted >= MIN_TURN_MS && (standing.takenThisTurn >= quota || lasted >= MAX_TURN_MS)
  }
  return {
    earns: () => true,
    compare: (a, b, moment) =>
      Number(a.owes) - Number(b.owes) ||
      Number(a.sitsOut(moment.now)) - Number(b.sitsOut(moment.now)) ||
      Number(hasHadItsTurn(a, moment.now)) - Number(hasHadItsTurn(b, moment.now)) ||
      Number(b.isUnchoked) - Number(a.isUnchoked) ||
      (a.isUnchoked ? b.taken - a.taken : compareWaiting(a, b, moment)) ||
      a.peer.connectedAt - b.peer.connectedAt,
    deservesLuck: () => true,
    mayRest: () => false,
    isOptimistic: false,
    isShared: true,
  }
}

function compareWaiting(a: Standing, b: Standing, { now, isSpread }: ChokingMoment): number {
  const hasWaitedLong = ({ unchokedAt }: Standing) => now - unchokedAt > LONG_WAIT_MS
  // While some pieces are here alone, all wait for those, and who lacks most may be one that passes nothing on.
  if (!isSpread || hasWaitedLong(a) || hasWaitedLong(b)) return a.unchokedAt - b.unchokedAt
  return claim(b, now) - claim(a, now)
}

/**
 * A swarm is done when its last peer is: those that are behind, for their neighbours are slow, have to be helped long before the
 * end, when their own line is all that they wait for. Of the powers from the first to the fourth each did better than the one before.
 */
function claim({ peer: { pieces }, unchokedAt }: Standing, now: number): number {
  return (now - unchokedAt) * (1 - pieces.count / pieces.length) ** 4
}
