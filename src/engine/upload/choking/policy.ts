import type { Standing } from './standing.js'

/** Who has the first claim to a slot. */
export interface ChokingPolicy {
  /** False where it has no claim, and can only be lucky. */
  earns(standing: Standing): boolean
  /** Negative where `a` comes before `b`. */
  compare(a: Standing, b: Standing, now: number): number
  /** False where everybody has a turn anyway: then no slot is kept for luck. */
  readonly isOptimistic: boolean
}
