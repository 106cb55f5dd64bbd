import type { ChokingPolicy } from './policy.js'

/** While leeching: the slots go to those who give us most. */
export const titForTat: ChokingPolicy = {
  earns: ({ given, peer }) => given > 0 && !peer.isSnubbed,
  compare: (a, b) => b.given - a.given || a.peer.connectedAt - b.peer.connectedAt,
  isOptimistic: true,
}
