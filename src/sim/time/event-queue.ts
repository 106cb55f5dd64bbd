/** Something that happens at its time. */
export interface SimEvent {
  run(): void
}

const FIRST_CAPACITY = 1024

/**
 * Events in the order of their times and, at the same time, of their planning, so that a run can be repeated. A heap with four
 * children to a node: half as deep as a binary one.
 */
export class EventQueue {
  #times = new Float64Array(FIRST_CAPACITY)
  /** A running number: the order in which events were planned. */
  #turns = new Float64Array(FIRST_CAPACITY)
  readonly #events: SimEvent[] = []
  #planned = 0
  #ran = 0
  #now = 0

  /** Milliseconds from the beginning of the run. */
  get now(): number {
    return this.#now
  }

  /** Events that have run. */
  get ran(): number {
    return this.#ran
  }

  /**
   * Plans an event.
   * @param time milliseconds, not before now
   */
  plan(time: number, event: SimEvent): void {
    if (!(time >= this.#now)) throw new RangeError(`planned for ${time}, and it is ${this.#now}`)
    const events = this.#events
    if (events.length === this.#times.length) this.#grow()
    const times = this.#times
    const turns = this.#turns
    let at = events.length
    events.push(event)
    while (at > 0) {
      const above = (at - 1) >>> 2
      const timeAbove = times[above] ?? 0
      // One planned later never goes before one of the same time.
      if (timeAbove <= time) break
      this.#move(above, at, timeAbove)
      at = above
    }
    times[at] = time
    turns[at] = this.#planned++
    events[at] = event
  }

  /** Runs the next event; false where there is none. */
  runNext(): boolean {
    const first = this.#events[0]
    const last = this.#events.pop()
    if (first === undefined || last === undefined) return false
    this.#now = this.#times[0] ?? this.#now
    this.#ran++
    const size = this.#events.length
    if (size > 0) this.#sink(last, this.#times[size] ?? 0, this.#turns[size] ?? 0)
    first.run()
    return true
  }

  /** Finds the place for an event, from the top down. */
  #sink(event: SimEvent, time: number, turn: number): void {
    const times = this.#times
    const turns = this.#turns
    const size = this.#events.length
    let at = 0
    for (;;) {
      const firstBelow = 4 * at + 1
      if (firstBelow >= size) break
      let best = firstBelow
      let bestTime = times[best] ?? 0
      const end = Math.min(firstBelow + 4, size)
      for (let below = firstBelow + 1; below < end; below++) {
        const timeBelow = times[below] ?? 0
        if (timeBelow < bestTime || (timeBelow === bestTime && (turns[below] ?? 0) < (turns[best] ?? 0))) {
          best = below
          bestTime = timeBelow
        }
      }
      if (time < bestTime || (time === bestTime && turn < (turns[best] ?? 0))) break
      this.#move(best, at, bestTime)
      at = best
    }
    times[at] = time
    turns[at] = turn
    this.#events[at] = event
  }

  #move(from: number, to: number, time: number): void {
    const event = this.#events[from]
    if (event === undefined) return
    this.#times[to] = time
    this.#turns[to] = this.#turns[from] ?? 0
    this.#events[to] = event
  }

  #grow(): void {
    const times = new Float64Array(this.#times.length * 2)
    times.set(this.#times)
    this.#times = times
    const turns = new Float64Array(times.length)
    turns.set(this.#turns)
    this.#turns = turns
  }
}
