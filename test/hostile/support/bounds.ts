/** The most that an attack may do to a program. Every attack is held to the same values. */
export const BOUNDS = {
  /** Growth of the resident memory, in bytes, from the moment the victim is warm to the end of the attack. */
  memoryGrowth: 80 * 2 ** 20,
  /** Time from an honest peer's connection to the first block it gets. */
  firstBlockMs: 15_000,
  /** Time from a new connection to the answer to its handshake. */
  handshakeMs: 2_000,
  /** Time from an honest client's connection to a tracker to the answer to its announce, at the median. */
  announceMs: 50,
} as const
