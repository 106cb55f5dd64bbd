import { DiskError } from './disk-error.js'
import type { TaskResult, WorkerNotice, WorkerTask } from './messages.js'
import type { StorageSource, WorkerLink } from './worker-link.js'

/** Bytes that a worker has before it when others are better asked: two milliseconds' work. */
const BUSY_LOAD = 2 ** 21

/** All workers, as one storage sees them. */
export class StorageLinks {
  readonly source: StorageSource
  readonly #links: readonly WorkerLink[]
  #isClosed = false

  constructor(links: readonly WorkerLink[], source: StorageSource) {
    this.#links = links
    this.source = source
  }

  /** Number of the storage, which every request carries. */
  get storage(): number {
    return this.source.id
  }

  get count(): number {
    return this.#links.length
  }

  /** Whether no worker has anything to do, for this storage or another. */
  get areIdle(): boolean {
    return !this.#isClosed && this.#links.every(({ load }) => load === 0)
  }

  /** Whether a worker has had any work of this storage. */
  knows(worker: number): boolean {
    return this.#links[worker]?.knows(this.source) ?? false
  }

  /**
   * The worker to give more to: the first that is not busy for some milliseconds to come, so that a few are kept warm
   * and no more are started than are of use.
   */
  leastBusy(): number {
    let best = 0
    let least = Number.POSITIVE_INFINITY
    for (const [worker, { load }] of this.#links.entries()) {
      if (load < BUSY_LOAD) return worker
      if (load < least) {
        best = worker
        least = load
      }
    }
    return best
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
