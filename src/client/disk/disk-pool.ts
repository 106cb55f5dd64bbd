import { availableParallelism } from 'node:os'
import { DiskError } from './disk-error.js'
import { FileLedger } from './file-ledger.js'
import { partsIndexOf, type StorageLayout, type StorageOptions } from './layout.js'
import { SlowDisks } from './links/slow-disks.js'
import { StorageLinks, type Workers } from './links/storage-links.js'
import { type StorageAnswer, type StorageSource, WorkerLink } from './links/worker-link.js'
import { ReceiveMemory } from './receiving/receive-memory.js'
import { ReadCache } from './sending/read-cache.js'
import { Storage } from './storage.js'

const MAX_WORKERS = 8

/** Threads besides, which start only when all others wait for slow disks. */
const SPARE_WORKERS = 2

/** Files that a spare worker may have open. */
const SPARE_DESCRIPTORS = 8

export interface DiskPoolOptions {
  /** Threads: as many as the machine has cores, up to 8. */
  readonly workers?: number
  /** Memory for blocks that arrive: 32 MiB. */
  readonly receiveBytes?: number
  /** Memory for blocks that leave: 32 MiB. */
  readonly readBytes?: number
  /** Files open at a time, in all workers together: 128. */
  readonly descriptors?: number
}

/** The threads and the memory that all torrents of a session hash, write and read with. */
export class DiskPool implements AsyncDisposable {
  /** The memory that blocks are received into, at the offsets that `Storage.place` returns. */
  readonly receiveMemory: Buffer
  readonly #receiving: ReceiveMemory
  readonly #cache: ReadCache
  readonly #workers: Workers
  readonly #storages = new Map<number, Storage>()
  #lastStorage = 0
  #isClosed = false

  constructor(options: DiskPoolOptions = {}) {
    const workers = Math.max(1, Math.min(options.workers ?? availableParallelism(), MAX_WORKERS))
    this.#receiving = new ReceiveMemory(options.receiveBytes ?? 32 * 2 ** 20)
    this.#cache = new ReadCache(options.readBytes ?? 32 * 2 ** 20)
    this.receiveMemory = Buffer.from(this.#receiving.buffer)
    const start = {
      receiveBuffer: this.#receiving.buffer,
      readBuffer: this.#cache.buffer,
    }
    const descriptors = (options.descriptors ?? 128) - SPARE_WORKERS * SPARE_DESCRIPTORS
    const each = Math.max(SPARE_DESCRIPTORS, Math.floor(descriptors / workers))
    const isSlow = (storage: number) => slowDisks.workerOf(storage) !== undefined
    const links = Array.from({ length: workers + SPARE_WORKERS }, (_, worker) => {
      const own = { ...start, descriptors: worker < workers ? each : SPARE_DESCRIPTORS }
      return new WorkerLink(own, answers => this.#receive(answers), isSlow)
    })
    const slowDisks = new SlowDisks(links)
    this.#workers = { links, count: workers, slowDisks }
  }

  /** Opens the content of a torrent. Nothing on the disk is touched yet. */
  openStorage(layout: StorageLayout, options: StorageOptions): Storage {
    if (this.#isClosed) throw new DiskError('closed', 'The disk pool was closed', { path: options.dir })
    const id = ++this.#lastStorage
    const ledger = FileLedger.create(partsIndexOf(layout) + 1)
    const source: StorageSource = { id, layout, options, ledger, parts: undefined }
    const links = new StorageLinks(this.#workers, source)
    const storage = new Storage(links, this.#receiving, this.#cache, () => this.#storages.delete(id))
    this.#storages.set(id, storage)
    return storage
  }

  /** To be called once a second: finds out which disks are slow. */
  onSecond(now: number): void {
    this.#workers.slowDisks.look(now)
  }

  /** Bytes of shared memory in use, for tests and for the curious. */
  get usage(): { receiveBytes: number; readBytes: number } {
    return {
      receiveBytes: this.#receiving.usedBytes,
      readBytes: this.#cache.usedBytes,
    }
  }

  /** Closes all storages, and ends the threads once they have done what they were given. */
  async close(): Promise<void> {
    this.#isClosed = true
    const closed = await Promise.allSettled([...this.#storages.values()].map(storage => storage.close()))
    await Promise.all(this.#workers.links.map(link => link.close()))
    for (const result of closed) if (result.status === 'rejected') throw result.reason
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  #receive(answers: readonly StorageAnswer[]): void {
    for (const answer of answers) this.#storages.get(answer.storage)?.handle(answer)
  }
}
