import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Steps } from '../base/steps.js'

/** All steps, with whatever else there is to do in between. */
export async function inTurns<Result>(steps: Steps<Result>): Promise<Result> {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
    await nextTurn()
  }
}
