import type { ChokingPolicy } from './policy.js'

/** While seeding: regular slots go to the peers that download fastest, optimistic ones find others that are faster. */
export const fastest: ChokingPolicy = {
  qualifies: ({ taken, isIdle }) => taken > 0 && !isIdle,
  compare: (a, b) => b.taken - a.taken || a.peer.connectedAt - b.peer.connectedAt,
  isInCredit: () => true,
  keepsIdleSlot: () => false,
  hasOptimisticSlots: true,
  sharesTurns: true,
}
