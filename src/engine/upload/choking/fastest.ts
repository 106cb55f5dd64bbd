import type { ChokingPolicy } from './policy.js'

/** When seeding: the slots go to those who take most, and luck finds others who could take more. */
export const fastest: ChokingPolicy = {
  earns: ({ taken }) => taken > 0,
  compare: (a, b) => b.taken - a.taken || a.peer.connectedAt - b.peer.connectedAt,
  deservesLuck: () => true,
  isOptimistic: true,
}
