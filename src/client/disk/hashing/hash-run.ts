import { SHA1_LENGTH } from '../../../protocol/digests.js'
import { HASH_LENGTH } from '../../../protocol/merkle.js'
import type { PieceMap } from '../../../protocol/metainfo/piece-map.js'
import type { StorageLinks } from '../links/storage-links.js'
import { type CheckedPiece, PIECE_STATES } from '../messages.js'
import type { HashSchedule, HashTask } from './hash-task.js'

/** Tasks that a worker has before it: one to do while the next is on its way. */
const TASKS_PER_WORKER = 2

/** Callbacks for the results of a run. */
export interface HashRunOptions {
  readonly signal?: AbortSignal | undefined
  /** Pieces come roughly in order, each once. */
  onPiece?(piece: number, found: CheckedPiece): void
  /** The flat SHA-256 of a file that has content. */
  onChecksum?: ((entryIndex: number, sha256: Uint8Array) => void) | undefined
}

/** Has workers do the tasks of one schedule, and knows which of them holds which flat hash that is on its way. */
export class HashRun {
  readonly #links: StorageLinks
  readonly #map: PieceMap
  readonly #options: HashRunOptions
  readonly #nextNumber: () => number
  /** By entry: under which number a worker keeps its flat hash. */
  readonly #begun = new Map<number, { readonly worker: number; readonly hash: number }>()

  /** @param nextNumber a number that no other flat hash of the storage has */
  constructor(links: StorageLinks, map: PieceMap, nextNumber: () => number, options: HashRunOptions) {
    this.#links = links
    this.#map = map
    this.#nextNumber = nextNumber
    this.#options = options
  }

  /**
   * Lets workers take tasks until there are none: `readers` of them at a time. After a failure no more are taken, and it is
   * thrown once all rest.
   * @param onBytes told of bytes that were hashed
   */
  async performAll(
    schedule: HashSchedule,
    readers: number,
    onBytes?: (bytes: number) => void,
  ): Promise<void> {
    let hasFailed = false
    const work = async (worker: number): Promise<void> => {
      for (let task = schedule.take(worker); task !== undefined && !hasFailed; task = schedule.take(worker)) {
        try {
          onBytes?.(await this.perform(task, worker))
        } catch (error) {
          hasFailed = true
          throw error
        }
      }
    }
    const results: PromiseSettledResult<void>[] = []
    // Workers that come later have at least the flat hashes that they began earlier.
    for (const workers of this.#links.inOrder()) {
      while (workers.length > 0) {
        const lanes = workers
          .splice(0, readers)
          .flatMap(worker => Array.from({ length: TASKS_PER_WORKER }, () => work(worker)))
        results.push(...(await Promise.allSettled(lanes)))
      }
    }
    for (const { worker, hash } of this.#begun.values()) this.#stop(worker, hash)
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }

  /** Has a worker do a task; gives the bytes that were hashed. Rejects with the signal's reason once aborted. */
  async perform(task: HashTask, worker: number): Promise<number> {
    this.#options.signal?.throwIfAborted()
    switch (task.type) {
      case 'pieces':
        return await this.#hashPieces(task, worker)
      case 'run':
        return await this.#hashRun(task, worker)
      case 'files':
        return await this.#hashFiles(task, worker)
    }
  }

  /** Forgets the flat hash of a file that is on its way. */
  drop(entryIndex: number): void {
    const begun = this.#begun.get(entryIndex)
    if (begun === undefined) return
    this.#begun.delete(entryIndex)
    this.#stop(begun.worker, begun.hash)
  }

  #stop(worker: number, hash: number): void {
    this.#links.post(worker, { type: 'stop-hash', storage: this.#links.storage, hash })
  }

  async #hashRun(task: Extract<HashTask, { type: 'run' }>, worker: number): Promise<number> {
    const { entryIndex, from, length, isLast } = task
    const { hash } = this.#begun.get(entryIndex) ?? { hash: this.#nextNumber() }
    if (isLast) this.#begun.delete(entryIndex)
    else this.#begun.set(entryIndex, { worker, hash })
    const { storage } = this.#links
    const run = { type: 'hash-run', storage, hash, entryIndex, from, length, isLast } as const
    const { sum } = await this.#links.call(worker, run, 'hashed-run')
    this.#options.signal?.throwIfAborted()
    if (sum !== undefined) this.#options.onChecksum?.(entryIndex, sum)
    return length
  }

  async #hashFiles({ entryIndices }: Extract<HashTask, { type: 'files' }>, worker: number): Promise<number> {
    const { storage, source } = this.#links
    const files = { type: 'hash-files', storage, entryIndices } as const
    const { sums } = await this.#links.call(worker, files, 'hashed-files')
    let bytes = 0
    for (const [at, sha256] of sums.entries()) {
      const entryIndex = entryIndices[at] ?? 0
      this.#options.onChecksum?.(entryIndex, sha256)
      bytes += source.layout.entries.at(entryIndex)?.length ?? 0
    }
    return bytes
  }

  async #hashPieces(
    { first, count }: Extract<HashTask, { type: 'pieces' }>,
    worker: number,
  ): Promise<number> {
    const { signal, onPiece, onChecksum } = this.#options
    const { storage } = this.#links
    const check = { type: 'check', storage, first, count, checksums: onChecksum !== undefined } as const
    const run = await this.#links.call(worker, check, 'checked')
    signal?.throwIfAborted()
    let bytes = 0
    for (let index = 0; index < count; index++) {
      const state = PIECE_STATES[run.states[index] ?? 0] ?? 'missing'
      const hasDigests = state !== 'missing'
      bytes += this.#map.dataSize(first + index)
      onPiece?.(first + index, {
        sha1: hasDigests ? digestAt(run.sha1s, index, SHA1_LENGTH) : undefined,
        root: hasDigests ? digestAt(run.roots, index, HASH_LENGTH) : undefined,
        state,
      })
    }
    for (const { entryIndex, sha256 } of run.checksums) onChecksum?.(entryIndex, sha256)
    return bytes
  }
}

/** One of several digests in a row; undefined where the version has none. */
function digestAt(digests: Uint8Array, index: number, length: number): Uint8Array | undefined {
  return digests.length > 0 ? digests.slice(index * length, (index + 1) * length) : undefined
}
