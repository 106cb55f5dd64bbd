import { within } from './deadline.js'

const DEFAULT_WITHIN_MS = 60_000

interface Waiter<Event> {
  readonly matches: (event: Event) => boolean
  readonly resolve: (event: Event) => void
  readonly reject: (reason: Error) => void
}

/** What a process has reported so far, and the wait for what it has yet to report. */
export class EventLog<Event> {
  readonly all: Event[] = []
  readonly #waiters = new Set<Waiter<Event>>()
  #ended: Error | undefined

  push(event: Event): void {
    this.all.push(event)
    for (const waiter of this.#waiters) {
      if (!waiter.matches(event)) continue
      this.#waiters.delete(waiter)
      waiter.resolve(event)
    }
  }

  /** Nothing more will come: rejects the calls that still wait, with the reason. */
  end(reason: Error): void {
    this.#ended = reason
    for (const waiter of this.#waiters) waiter.reject(reason)
    this.#waiters.clear()
  }

  /** The first event that matches, from the very beginning or, with `after`, from that many events on. */
  async waitFor(
    what: string,
    matches: (event: Event) => boolean,
    options: { withinMs?: number; after?: number } = {},
  ): Promise<Event> {
    const past = this.all.slice(options.after ?? 0).find(matches)
    if (past !== undefined) return past
    if (this.#ended !== undefined) throw this.#ended
    let waiter: Waiter<Event> | undefined
    const next = new Promise<Event>((resolve, reject) => {
      waiter = { matches, resolve, reject }
      this.#waiters.add(waiter)
    })
    try {
      return await within(options.withinMs ?? DEFAULT_WITHIN_MS, what, next)
    } finally {
      if (waiter !== undefined) this.#waiters.delete(waiter)
    }
  }
}
