import { DiskError } from '../disk-error.js'
import type { StorageLinks } from '../links/storage-links.js'
import type { FileSchedule } from './file-schedule.js'
import type { HashRun, HashRunOptions } from './hash-run.js'
import type { HashTask } from './hash-task.js'

interface FollowerOwner {
  newRun(options: HashRunOptions): HashRun
  /** Lets all workers do what is left of the schedule. */
  performAll(run: HashRun): Promise<void>
}

/**
 * The flat SHA-256 of files that are being downloaded: each is hashed as far as its pieces are verified without a gap, in
 * steps of 4 MiB at most, one at a time, and only when no worker has anything else to do. `finish` hashes what is left then.
 *
 * Every byte is read back from its file after its piece was verified, once. A file that another program changed meanwhile, as
 * far as that was noticed (`FileLedger`), is read again by `finish`. A file that can't be read is no error before `finish`, which
 * tries again.
 */
export class FileFollower {
  readonly #links: StorageLinks
  readonly #schedule: FileSchedule
  readonly #signal: AbortSignal
  readonly #owner: FollowerOwner
  readonly #run: HashRun
  readonly #sums = new Map<number, Uint8Array>()
  /** Files that could not be read. */
  readonly #missed = new Set<number>()
  #step: Promise<void> | undefined
  #isFinishing = false
  #lastWorker = 0

  /** Use `Storage.followFiles`. */
  constructor(links: StorageLinks, schedule: FileSchedule, signal: AbortSignal, owner: FollowerOwner) {
    this.#links = links
    this.#schedule = schedule
    this.#signal = signal
    this.#owner = owner
    this.#run = owner.newRun({
      signal,
      onChecksum: (entryIndex, sha256) => this.#sums.set(entryIndex, sha256),
    })
  }

  /** A piece is in the files and its hash was right; it will not be written to again. */
  pieceVerified(piece: number): void {
    this.#schedule.pieceVerified(piece)
    this.goOn()
  }

  /** A file is to be hashed from its beginning, once all of its pieces are verified: another program changed it. */
  restart(entryIndex: number): void {
    this.#run.drop(entryIndex)
    this.#schedule.drop(entryIndex)
    this.#missed.add(entryIndex)
  }

  /** Takes the next step if there is one and all workers are idle; to be called when they may have become so. */
  goOn(): void {
    if (this.#isFinishing || this.#signal.aborted || this.#step !== undefined || !this.#links.areIdle) return
    const next = this.#next()
    if (next !== undefined) this.#step = this.#take(next.task, next.worker)
  }

  /**
   * Once all pieces of the files are verified: flat SHA-256 by entry. Rejects with the signal's reason once aborted.
   * @throws {DiskError} as `Storage.hashFiles`
   */
  async finish(): Promise<ReadonlyMap<number, Uint8Array>> {
    this.#isFinishing = true
    await this.#step
    for (const entryIndex of this.#sums.keys()) if (this.#isChanged(entryIndex)) this.#missed.add(entryIndex)
    for (const entryIndex of this.#missed) this.#schedule.add(entryIndex)
    await this.#owner.performAll(this.#run)
    return this.#sums
  }

  /** Workers take turns, so that large files are spread over those that are there already. */
  #next(): { task: HashTask; worker: number } | undefined {
    const { count } = this.#links
    for (let turn = 1; turn <= count; turn++) {
      const worker = (this.#lastWorker + turn) % count
      const task = this.#links.knows(worker) ? this.#schedule.take(worker) : undefined
      if (task === undefined) continue
      this.#lastWorker = worker
      return { task, worker }
    }
    return undefined
  }

  async #take(task: HashTask, worker: number): Promise<void> {
    try {
      await this.#run.perform(task, worker)
    } catch (error) {
      if (!(error instanceof DiskError) && error !== this.#signal.reason) throw error
      this.#miss(task)
    }
    this.#step = undefined
    this.goOn()
  }

  #miss(task: HashTask): void {
    const entryIndices =
      task.type === 'files' ? task.entryIndices : task.type === 'run' ? [task.entryIndex] : []
    for (const entryIndex of entryIndices) this.restart(entryIndex)
  }

  #isChanged(entryIndex: number): boolean {
    return this.#links.source.ledger.isChanged(entryIndex)
  }
}
