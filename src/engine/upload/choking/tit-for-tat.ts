import type { ChokingPolicy } from './policy.js'

/**
 * While leeching: the slots go to those who give us most, and what is left of them to those who once gave something, before
 * anybody is lucky who never did.
 */
export const titForTat: ChokingPolicy = {
  earns: ({ peer }) => peer.received.total > 0 && !peer.isSnubbed,
  compare: (a, b) =>
    b.given - a.given ||
    b.peer.received.total - a.peer.received.total ||
    a.peer.connectedAt - b.peer.connectedAt,
  isOptimistic: true,
}
