/** Lets a fixed number through at a time; the others wait in line. */
export class Gate {
  #free: number
  #waiting: (() => void)[] = []
  /** Those before it in `#waiting` have been let through. */
  #first = 0

  constructor(places: number) {
    this.#free = places
  }

  /** Does the work once there is a place for it. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>(resolve => this.#waiting.push(resolve))
    try {
      return await work()
    } finally {
      this.#leave()
    }
  }

  /** A place goes from one to the next. */
  #leave(): void {
    const next = this.#waiting[this.#first]
    if (next === undefined) {
      this.#free++
      return
    }
    this.#first++
    // Never shifted, which would move all that wait; emptied when the line has come to its end.
    if (this.#first === this.#waiting.length) {
      this.#waiting = []
      this.#first = 0
    }
    next()
  }
}
