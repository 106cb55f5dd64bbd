import { SHA1_LENGTH } from '../../protocol/digests.js'
import { HASH_LENGTH } from '../../protocol/merkle.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import type { StorageLayout } from './layout.js'
import { type CheckedPiece, PIECE_STATES } from './messages.js'
import type { StorageLinks } from './storage-links.js'

/**
 * Bytes of one task for a worker: some milliseconds of work, so that writes and reads in between need not
 * wait long.
 */
const TASK_LENGTH = 2 ** 22
/** Files in one task, for those that are small. */
const TASK_FILES = 64
/** Tasks that a worker has before it: one to do while the next is on its way. */
const TASKS_PER_WORKER = 2

export interface CheckOptions {
  readonly signal?: AbortSignal | undefined
  /** Pieces come roughly in order, each once. */
  onPiece(piece: number, found: CheckedPiece): void
  /** Asks for the flat SHA-256 of files that happen to lie in one read. */
  readonly onChecksum?: (entryIndex: number, sha256: Uint8Array) => void
}

export interface ChecksumOptions {
  readonly signal?: AbortSignal | undefined
  /** Bytes hashed since the last call. */
  readonly onProgress?: (bytes: number) => void
}

/** Hashing of content that lies in the files, by all workers; never more at a time than they are busy with. */
export class HashRuns {
  readonly #layout: StorageLayout
  readonly #map: PieceMap
  readonly #links: StorageLinks
  readonly #storage: number
  #lastHash = 0

  constructor(layout: StorageLayout, map: PieceMap, links: StorageLinks) {
    this.#layout = layout
    this.#map = map
    this.#links = links
    this.#storage = links.storage
  }

  /** Hashes the pieces from `first` to `last`, inclusive. */
  async hashPieces(first: number, last: number, options: CheckOptions): Promise<void> {
    const step = Math.max(1, Math.floor(TASK_LENGTH / this.#map.pieceLength))
    await this.#share(starts(first, last, step), options.signal, async (start, worker) => {
      const count = Math.min(step, last - start + 1)
      const checksums = options.onChecksum !== undefined
      const run = await this.#links.call(
        worker,
        { type: 'check', storage: this.#storage, first: start, count, checksums },
        'checked',
      )
      options.signal?.throwIfAborted()
      for (let index = 0; index < count; index++) {
        const state = PIECE_STATES[run.states[index] ?? 0] ?? 'missing'
        const hasDigests = state !== 'missing'
        options.onPiece(start + index, {
          sha1: hasDigests ? digestAt(run.sha1s, index, SHA1_LENGTH) : undefined,
          root: hasDigests ? digestAt(run.roots, index, HASH_LENGTH) : undefined,
          state,
        })
      }
      for (const { entryIndex, sha256 } of run.checksums) options.onChecksum?.(entryIndex, sha256)
    })
  }

  /** Flat SHA-256 of files, in the order of `entryIndices`. */
  async hashFiles(entryIndices: readonly number[], options: ChecksumOptions): Promise<Uint8Array[]> {
    const sha256s: Uint8Array[] = []
    await this.#share(this.#fileTasks(entryIndices), options.signal, async (task, worker) => {
      if (task.type === 'large') {
        sha256s[task.at] = await this.#hashLarge(task.entryIndex, worker, options)
        return
      }
      const indices = entryIndices.slice(task.at, task.end)
      const hashed = await this.#links.call(
        worker,
        { type: 'hash-files', storage: this.#storage, entryIndices: indices },
        'hashed-files',
      )
      hashed.sha256s.forEach((sha256, index) => {
        sha256s[task.at + index] = sha256
        options.onProgress?.(this.#lengthOf(indices[index] ?? 0))
      })
    })
    return sha256s
  }

  /** A large file in one run after the other, on one worker. */
  async #hashLarge(entryIndex: number, worker: number, options: ChecksumOptions): Promise<Uint8Array> {
    const total = this.#lengthOf(entryIndex)
    const hash = ++this.#lastHash
    try {
      for (let from = 0; ; from += TASK_LENGTH) {
        options.signal?.throwIfAborted()
        const length = Math.min(TASK_LENGTH, total - from)
        const isLast = from + length === total
        const run = {
          type: 'hash-run',
          storage: this.#storage,
          hash,
          entryIndex,
          from,
          length,
          isLast,
        } as const
        const { sha256 } = await this.#links.call(worker, run, 'hashed-run')
        options.onProgress?.(length)
        if (sha256 !== undefined) return sha256
      }
    } catch (error) {
      this.#links.post(worker, { type: 'stop-hash', storage: this.#storage, hash })
      throw error
    }
  }

  /** Small files together, large ones alone. */
  *#fileTasks(entryIndices: readonly number[]): Generator<FileTask> {
    for (let at = 0; at < entryIndices.length; ) {
      let end = at
      let bytes = 0
      while (end < entryIndices.length && end - at < TASK_FILES) {
        bytes += this.#lengthOf(entryIndices[end] ?? 0)
        if (bytes > TASK_LENGTH) break
        end++
      }
      if (end > at) {
        yield { type: 'small', at, end }
        at = end
      } else {
        yield { type: 'large', at, entryIndex: entryIndices[at] ?? 0 }
        at++
      }
    }
  }

  #lengthOf(entryIndex: number): number {
    return this.#layout.entries[entryIndex]?.length ?? 0
  }

  /**
   * Lets all workers take tasks until there are none. After a failure no more are taken, and it is thrown
   * once all rest.
   */
  async #share<Task>(
    tasks: Generator<Task>,
    signal: AbortSignal | undefined,
    perform: (task: Task, worker: number) => Promise<void>,
  ): Promise<void> {
    const take = async (worker: number): Promise<void> => {
      // The lanes share one generator: leaving the loop by an error ends it for all of them.
      for (const task of tasks) {
        signal?.throwIfAborted()
        await perform(task, worker)
      }
    }
    const lanes = Array.from({ length: this.#links.count * TASKS_PER_WORKER }, (_, lane) =>
      take(lane % this.#links.count),
    )
    for (const lane of await Promise.allSettled(lanes)) if (lane.status === 'rejected') throw lane.reason
  }
}

type FileTask =
  | { readonly type: 'small'; readonly at: number; readonly end: number }
  | { readonly type: 'large'; readonly at: number; readonly entryIndex: number }

/** One of several digests in a row; undefined where the version has none. */
function digestAt(digests: Uint8Array, index: number, length: number): Uint8Array | undefined {
  return digests.length > 0 ? digests.slice(index * length, (index + 1) * length) : undefined
}

function* starts(first: number, last: number, step: number): Generator<number> {
  for (let start = first; start <= last; start += step) yield start
}
