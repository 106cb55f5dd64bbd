import type { Standing } from './standing.js'

/** The moment at which slots are assigned, as policies see it. */
export interface ChokingMoment {
  readonly now: number
  /** Other peers have a copy of each piece that we have. */
  readonly isSpread: boolean
}

/** Which peers come first when slots are assigned. */
export interface ChokingPolicy {
  /** Whether the peer may have a regular slot; if not, an optimistic unchoke is all that it can get. */
  qualifies(standing: Standing): boolean
  /** Negative where `a` comes before `b`. */
  compare(a: Standing, b: Standing, moment: ChokingMoment): number
  /** False where the peer has had its credit and sent next to nothing back: its optimistic unchoke ends, and it rarely gets another. */
  isInCredit(standing: Standing): boolean
  /** Whether the peer keeps its slot while it is idle: it sends to us, and will want something again. */
  keepsIdleSlot(standing: Standing): boolean
  /** False where every peer has a turn anyway: then no slot is optimistic. */
  readonly hasOptimisticSlots: boolean
  /** The peers of one address share its turns; false where slots go by what peers send us, which more connections don't increase. */
  readonly sharesTurns: boolean
}
