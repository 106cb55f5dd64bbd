import type { Standing } from './standing.js'

/** How things are when slots are given away. */
export interface ChokingMoment {
  readonly now: number
  /** Of each piece that we have there are copies with others. */
  readonly isSpread: boolean
}

/** Who has the first claim to a slot. */
export interface ChokingPolicy {
  /** False where it has no claim, and can only be lucky. */
  earns(standing: Standing): boolean
  /** Negative where `a` comes before `b`. */
  compare(a: Standing, b: Standing, moment: ChokingMoment): number
  /** False where it was lent enough for having given next to nothing: luck leaves it, and rarely comes again. */
  deservesLuck(standing: Standing): boolean
  /** It keeps its slot though nothing moves in it: it gives for it now, and will want something again. */
  mayRest(standing: Standing): boolean
  /** False where everybody has a turn anyway: then no slot is kept for luck. */
  readonly isOptimistic: boolean
  /** The peers of one address share its turns; false where a slot is earned by giving, which many names make no easier. */
  readonly isShared: boolean
}
