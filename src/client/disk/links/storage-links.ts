import { DiskError } from '../disk-error.js'
import type { StorageLayout } from '../layout.js'
import type { TaskResult, WorkerNotice, WorkerTask } from '../messages.js'
import type { PartsFile } from '../part-extents.js'
import type { SlowDisks } from './slow-disks.js'
import type { StorageSource, WorkerLink } from './worker-link.js'

/** Bytes that a worker has before it when others are better asked: two milliseconds' work. */
const BUSY_LOAD = 2 ** 21

/** The workers of a pool. */
export interface Workers {
  readonly links: readonly WorkerLink[]
  /** The number of regular workers; the spare ones behind them are used while all of these wait for slow disks. */
  readonly count: number
  readonly slowDisks: SlowDisks
}

/** All workers, as one storage sees them. */
export class StorageLinks {
  source: StorageSource
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

  /** The same content under other names; no worker may know of it yet. */
  useNames(layout: StorageLayout): void {
    if (this.#links.some(link => link.knows(this.source))) throw new Error('the names are in use already')
    this.source = { ...this.source, layout }
  }

  /** Other bytes lie in the parts file from now on. Nothing may be under way. */
  async useParts(parts: PartsFile | undefined): Promise<void> {
    await this.callAll('close')
    this.source = { ...this.source, parts }
  }

  get count(): number {
    return this.#workers.count
  }

  /** True if no worker has anything to do for any storage, except for those that wait for a slow disk. */
  get areIdle(): boolean {
    const { slowDisks } = this.#workers
    return (
      !this.#isClosed && this.#links.every(({ load }, worker) => load === 0 || slowDisks.isHeldUp(worker))
    )
  }

  /** True if a worker has had any work of this storage. */
  knows(worker: number): boolean {
    return this.#links[worker]?.knows(this.source) ?? false
  }

  /**
   * The worker to use next: the first that has no more than some milliseconds of work, so that no more workers are started than are
   * of use. A storage with a slow disk always gets the same worker, which it does not share.
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

  /**
   * All workers that are for this storage, beginning with the least busy; then those that are kept by the slow disks of others,
   * or by its own, from others.
   */
  inOrder(): [free: number[], kept: number[]] {
    const { slowDisks, count } = this.#workers
    const first = this.leastBusy()
    const isOwnSlow = slowDisks.workerOf(this.storage) !== undefined
    const free = [first]
    const kept: number[] = []
    for (let next = 0; next < count; next++) {
      const worker = (first + next) % count
      if (worker === first) continue
      if (isOwnSlow || slowDisks.isHeldUp(worker)) kept.push(worker)
      else free.push(worker)
    }
    return [free, kept]
  }

  /** Sends a request to a worker; does nothing after `close`. */
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
  async callAll(type: 'drain' | 'close'): Promise<void> {
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
