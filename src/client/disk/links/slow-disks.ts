/** A disk counts as slow for this long after it last was. */
const SLOW_MS = 5_000

/** A worker that can be watched. */
interface WatchedWorker {
  /** The storage in whose request it is stuck. */
  stuckWith(now: number): number | undefined
}

/**
 * The storages whose disk is slow, and for each the one worker that may wait for it. The other workers are for the rest of the
 * storages.
 */
export class SlowDisks {
  readonly #workers: readonly WatchedWorker[]
  readonly #slow = new Map<number, { readonly worker: number; readonly until: number }>()

  constructor(workers: readonly WatchedWorker[]) {
    this.#workers = workers
  }

  /** Looks at the workers. To be called from time to time: a worker is stuck if it still has the request it had at the last look. */
  look(now: number): void {
    for (const [worker, watched] of this.#workers.entries()) {
      const storage = watched.stuckWith(now)
      if (storage === undefined) continue
      const known = this.#slow.get(storage)
      this.#slow.set(storage, { worker: known?.worker ?? worker, until: now + SLOW_MS })
    }
    for (const [storage, { until }] of this.#slow) if (until < now) this.#slow.delete(storage)
  }

  /** The worker of a storage with a slow disk; undefined for other storages. */
  workerOf(storage: number): number | undefined {
    return this.#slow.get(storage)?.worker
  }

  /** True if a worker waits for the slow disk of any storage. */
  isHeldUp(worker: number): boolean {
    for (const slow of this.#slow.values()) if (slow.worker === worker) return true
    return false
  }
}
