import { DiskError } from '../disk-error.js'
import type { TaskResult, WorkerNotice, WorkerTask } from '../messages.js'
import type { SlowDisks } from './slow-disks.js'
import type { StorageSource, WorkerLink } from './worker-link.js'

/** Bytes that a worker has before it when others are better asked: two milliseconds' work. */
const BUSY_LOAD = 2 ** 21

/** The workers of a pool. */
export interface Workers {
  readonly links: readonly WorkerLink[]
  /** How many of them there are for all work; those behind them are for when all of these wait for slow disks. */
  readonly count: number
  readonly slowDisks: SlowDisks
}

/** All workers, as one storage sees them. */
export class StorageLinks {
  readonly source: StorageSource
  readonly #workers: Workers
  readonly #links: readonly WorkerLink[]
  #isClosed = false

  constructor(workers: Workers, source: StorageSource) {
    this.#workers = workers
    this.#links = workers.links
    this.source = source
  }

  /** Number of the storage, which every request carries. */
  get storage(): number {
    return this.source.id
  }

  get count(): number {
    return this.#workers.count
  }

  /**
   * The worker to give more to: the first that is not busy for some milliseconds to come, so that a few are kept warm
   * and no more are started than are of use. Where a storage's disk is slow it is always the same, and no other's.
   */
  leastBusy(): number {
    const { slowDisks, count } = this.#workers
    slowDisks.look(performance.now())
    const own = slowDisks.workerOf(this.storage)
    if (own !== undefined) return own
    let best = 0
    let least = Number.POSITIVE_INFINITY
    for (const [worker, { load }] of this.#links.entries()) {
      if (worker >= count && least < Number.POSITIVE_INFINITY) break
      if (slowDisks.isHeldUp(worker)) continue
      if (load < BUSY_LOAD) return worker
      if (load < least) {
        best = worker
        least = load
      }
    }
    return best
  }

  /** So many workers, if there are, that do not wait for slow disks, beginning with the least busy. */
  some(wanted: number): number[] {
    const first = this.leastBusy()
    const workers = [first]
    for (let next = 1; next < this.count && workers.length < wanted; next++) {
      const worker = (first + next) % this.count
      if (worker !== first && !this.#workers.slowDisks.isHeldUp(worker)) workers.push(worker)
    }
    return workers
  }

  /** Sends to a worker; after `close` to nobody. */
  post(worker: number, request: WorkerNotice): void {
    if (!this.#isClosed) this.#links[worker]?.post(this.source, request)
  }

  /** Gives one worker something to do and waits for the result. */
  async call<Type extends TaskResult['type']>(
    worker: number,
    task: WorkerTask,
    expected: Type,
  ): Promise<Extract<TaskResult, { type: Type }>> {
    const link = this.#links[worker]
    if (this.#isClosed || link === undefined) throw this.#closedError()
    return await link.call(this.source, task, expected)
  }

  /**
   * Waits until every worker that knows the storage has done what it was asked, and then this. With `close` they forget
   * it; what is asked afterwards introduces it anew.
   */
  async callAll(type: 'drain' | 'sync' | 'close'): Promise<void> {
    if (this.#isClosed) throw this.#closedError()
    const asked = this.#links.filter(link => link.knows(this.source))
    const task = { type, storage: this.storage }
    const calls = asked.map(link => link.call(this.source, task, 'done'))
    if (type === 'close') for (const link of asked) link.forget(this.source)
    for (const result of await Promise.allSettled(calls))
      if (result.status === 'rejected') throw result.reason
  }

  /** As `callAll`, and nothing can be asked afterwards. */
  async close(): Promise<void> {
    const closed = this.callAll('close')
    this.#isClosed = true
    await closed
  }

  #closedError(): DiskError {
    const { options, layout } = this.source
    return new DiskError('closed', `The files of ${layout.name} were closed`, { path: options.dir })
  }
}
