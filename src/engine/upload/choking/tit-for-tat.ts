import type { ChokingPolicy } from './policy.js'

/** Part of what it was sent that a peer has to send back: slow lines upload little, and it takes time to start. */
const LEAST_RETURN = 1 / 8

/**
 * While leeching: regular slots go to the peers that send us most, those that are left to peers that once sent something. A
 * peer that had its credit and sent back less than an eighth is in deficit, and rarely gets an optimistic unchoke.
 * @param credit bytes sent to each peer before it has to reciprocate
 */
export function titForTat(credit: number): ChokingPolicy {
  return {
    qualifies: ({ peer }) => peer.received.total > 0 && !peer.isSnubbed,
    compare: (a, b) =>
      b.given - a.given ||
      b.peer.received.total - a.peer.received.total ||
      a.peer.connectedAt - b.peer.connectedAt,
    isInCredit: ({ peer: { sent, received } }) =>
      sent.total < credit || received.total >= sent.total * LEAST_RETURN,
    keepsIdleSlot: ({ peer: { sent, received } }) =>
      received.total > 0 && received.total >= sent.total * LEAST_RETURN,
    hasOptimisticSlots: true,
    sharesTurns: false,
  }
}
