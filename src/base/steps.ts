/** Work that can be interrupted: each step takes some milliseconds at most, and the last one gives the result. */
export type Steps<Result> = Generator<undefined, Result, undefined>

/** All steps in one go. */
export function inOneGo<Result>(steps: Steps<Result>): Result {
  for (;;) {
    const step = steps.next()
    if (step.done) return step.value
  }
}
