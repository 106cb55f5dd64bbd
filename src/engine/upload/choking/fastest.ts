import type { ChokingPolicy } from './policy.js'

/** When seeding: the slots go to those who take most, and luck finds others who could take more. */
export const fastest: ChokingPolicy = {
  earns: ({ taken, isIdle }) => taken > 0 && !isIdle,
  compare: (a, b) => b.taken - a.taken || a.peer.connectedAt - b.peer.connectedAt,
  deservesLuck: () => true,
  mayRest: () => false,
  isOptimistic: true,
  isShared: true,
}
