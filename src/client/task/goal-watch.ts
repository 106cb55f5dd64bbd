import type { History } from '../resume/history.js'
import type { EventTeller } from './event-teller.js'
import { type Goals, reachedGoal } from './goals.js'

/** Tells when the first of a torrent's goals is reached, once. */
export class GoalWatch {
  readonly #goals: Goals
  readonly #teller: EventTeller
  #isReached = false

  constructor(goals: Goals, teller: EventTeller) {
    this.#goals = goals
    this.#teller = teller
  }

  /** Looks at a torrent that is seeded; parameters as for `reachedGoal`. */
  look(history: History, total: number): void {
    const goal = this.#isReached ? undefined : reachedGoal(this.#goals, history, total)
    if (goal === undefined) return
    this.#isReached = true
    this.#teller.tell({ type: 'goal-reached', goal })
  }
}
