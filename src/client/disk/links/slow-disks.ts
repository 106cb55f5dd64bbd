/** How long a disk counts as slow after it was the last time. */
const SLOW_MS = 5_000

/** A worker that can be watched. */
interface WatchedWorker {
  /** The storage in whose request it is stuck. */
  stuckWith(now: number): number | undefined
}

/**
 * Which storages have a disk that is slow, and the one worker of each that may wait for it: the others are for storages
 * whose disk is not.
 */
export class SlowDisks {
  readonly #workers: readonly WatchedWorker[]
  readonly #slow = new Map<number, { readonly worker: number; readonly until: number }>()

  constructor(workers: readonly WatchedWorker[]) {
    this.#workers = workers
  }

  /** Looks what the workers are doing; now and then, since who is stuck is known by having been seen before. */
  look(now: number): void {
    for (const [worker, watched] of this.#workers.entries()) {
      const storage = watched.stuckWith(now)
      if (storage === undefined) continue
      const known = this.#slow.get(storage)
      this.#slow.set(storage, { worker: known?.worker ?? worker, until: now + SLOW_MS })
    }
    for (const [storage, { until }] of this.#slow) if (until < now) this.#slow.delete(storage)
  }

  /** The worker of a storage whose disk is slow. */
  workerOf(storage: number): number | undefined {
    return this.#slow.get(storage)?.worker
  }

  /** Whether a worker waits for the disk of some storage. */
  isHeldUp(worker: number): boolean {
    for (const slow of this.#slow.values()) if (slow.worker === worker) return true
    return false
  }
}
