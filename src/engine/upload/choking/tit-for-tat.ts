import type { ChokingPolicy } from './policy.js'

/** Part of what it took that a peer has to give: slow lines give little, and a start takes time. */
const LEAST_RETURN = 1 / 8

/**
 * While leeching: the slots go to those who give us most, and what is left of them to those who once gave something, before
 * anybody is lucky who never did. Who has had what it is lent, and gave next to nothing, is hardly ever lucky again.
 * @param credit bytes lent to each peer
 */
export function titForTat(credit: number): ChokingPolicy {
  return {
    earns: ({ peer }) => peer.received.total > 0 && !peer.isSnubbed,
    compare: (a, b) =>
      b.given - a.given ||
      b.peer.received.total - a.peer.received.total ||
      a.peer.connectedAt - b.peer.connectedAt,
    deservesLuck: ({ peer: { sent, received } }) =>
      sent.total < credit || received.total >= sent.total * LEAST_RETURN,
    mayRest: ({ peer: { sent, received } }) =>
      received.total > 0 && received.total >= sent.total * LEAST_RETURN,
    isOptimistic: true,
    isShared: false,
  }
}
