import { DiskError } from '../disk-error.js'
import { type FileStamp, isSameFile } from '../file-stamp.js'
import type { FileStamps } from '../file-stamps.js'
import type { StorageLinks } from '../links/storage-links.js'
import { stampsOf } from '../stamps.js'
import type { FileSchedule } from './file-schedule.js'
import type { HashRun, HashRunOptions } from './hash-run.js'
import type { HashTask } from './hash-task.js'

interface FollowerOwner {
  newRun(options: HashRunOptions): HashRun
  /** Lets all workers do what is left of the schedule. */
  performAll(run: HashRun): Promise<void>
}

interface Sum {
  readonly sha256: Uint8Array
  readonly stamp: FileStamp | undefined
}

/**
 * The flat SHA-256 of files that are being downloaded: each is hashed as far as its pieces are verified without a gap, in
 * steps of 4 MiB at most, one at a time, and only when no worker has anything else to do. `finish` hashes what is left then.
 *
 * Every byte was read back from its file after its piece was verified, once. A file that another program has changed since
 * all of it was here has another stamp than when the last of it was read: `finish` reads all of it again. What another
 * program changes in a file that is still being written to is found only where the hash has not come by yet. What can't be
 * read is no error before `finish`, which tries again.
 */
export class FileFollower {
  readonly #links: StorageLinks
  readonly #schedule: FileSchedule
  readonly #signal: AbortSignal
  readonly #owner: FollowerOwner
  readonly #run: HashRun
  readonly #sums = new Map<number, Sum>()
  /** Files that could not be read. */
  #missed: number[] = []
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
      onChecksum: (entryIndex, sha256, stamp) => this.#sums.set(entryIndex, { sha256, stamp }),
    })
  }

  /** A piece is in the files and its hash was right; it will not be written to again. */
  pieceVerified(piece: number): void {
    this.#schedule.pieceVerified(piece)
    this.goOn()
  }

  /** Takes the next step if there is one and all workers are idle; to be called when they may have become so. */
  goOn(): void {
    if (this.#isFinishing || this.#signal.aborted || this.#step !== undefined || !this.#links.areIdle) return
    const next = this.#next()
    if (next !== undefined) this.#step = this.#take(next.task, next.worker)
  }

  /**
   * Once all pieces are verified: flat SHA-256 by entry. Rejects with the signal's reason once aborted.
   * @throws {DiskError} as `Storage.hashFile`
   */
  async finish(): Promise<ReadonlyMap<number, Pick<Sum, 'sha256'>>> {
    this.#isFinishing = true
    await this.#step
    if (this.#sums.size > 0) this.#distrustChanged(await stampsOf(this.#links))
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
    for (const entryIndex of entryIndices) {
      this.#run.drop(entryIndex)
      this.#schedule.drop(entryIndex)
      this.#missed.push(entryIndex)
    }
  }

  #distrustChanged(stamps: FileStamps): void {
    for (const [entryIndex, { stamp }] of this.#sums) {
      if (!isSameFile(stamp, stamps.at(entryIndex))) this.#missed.push(entryIndex)
    }
  }
}
