import { SHA1_LENGTH } from '../../../protocol/digests.js'
import { HASH_LENGTH } from '../../../protocol/merkle.js'
import type { PieceMap } from '../../../protocol/metainfo/piece-map.js'
import type { StorageLayout } from '../layout.js'
import type { StorageLinks } from '../links/storage-links.js'
import { type CheckedPiece, PIECE_STATES } from '../messages.js'
import { HashSchedule, type HashTask } from './hash-schedule.js'
import { isOnRotatingDisk } from './rotating-disk.js'

/** Tasks that a worker has before it: one to do while the next is on its way. */
const TASKS_PER_WORKER = 2

interface HashOptions {
  readonly signal?: AbortSignal | undefined
  /** Bytes hashed so far, and in all; those of a large file count twice where its flat hash is wanted as well. */
  readonly onProgress?: ((bytesDone: number, bytesTotal: number) => void) | undefined
}

export interface CheckOptions extends HashOptions {
  /** Pieces come roughly in order, each once. */
  onPiece(piece: number, found: CheckedPiece): void
  /** Asks for the flat SHA-256 of each file that has content and lies in the pieces as a whole. */
  readonly onChecksum?: ((entryIndex: number, sha256: Uint8Array) => void) | undefined
}

export interface ChecksumOptions extends HashOptions {}

/** Hashing of content that lies in the files, by all workers; never more at a time than they are busy with. */
export class HashRuns {
  readonly #layout: StorageLayout
  readonly #map: PieceMap
  readonly #links: StorageLinks
  #lastHash = 0
  #readers: Promise<number> | undefined

  constructor(layout: StorageLayout, map: PieceMap, links: StorageLinks) {
    this.#layout = layout
    this.#map = map
    this.#links = links
  }

  /** Hashes the pieces from `first` to `last`, inclusive. */
  async hashPieces(first: number, last: number, options: CheckOptions): Promise<void> {
    const checksums = options.onChecksum !== undefined
    await this.#perform(HashSchedule.ofPieces(this.#map, this.#layout, { first, last, checksums }), options)
  }

  /** Flat SHA-256 of files, in the order of `entryIndices`. */
  async hashFiles(entryIndices: readonly number[], options: ChecksumOptions): Promise<Uint8Array[]> {
    const found = new Map<number, Uint8Array>()
    await this.#perform(HashSchedule.ofFiles(this.#layout, entryIndices), {
      ...options,
      onPiece() {},
      onChecksum: (entryIndex, sha256) => found.set(entryIndex, sha256),
    })
    return entryIndices.map(entryIndex => found.get(entryIndex) ?? new Uint8Array(0))
  }

  /** How many workers read at a time: one where the disk would lose its time between them. */
  async #countReaders(): Promise<number> {
    const { count, source } = this.#links
    return (await isOnRotatingDisk(source.options.dir)) ? 1 : count
  }

  /** Lets workers take tasks until there are none. After a failure no more are taken, and it is thrown once all rest. */
  async #perform(schedule: HashSchedule, options: CheckOptions): Promise<void> {
    const { signal, onProgress } = options
    const hashes = new HashNumbers(() => ++this.#lastHash)
    let bytesDone = 0
    let hasFailed = false
    const work = async (worker: number): Promise<void> => {
      for (let task = schedule.take(worker); task !== undefined && !hasFailed; task = schedule.take(worker)) {
        try {
          signal?.throwIfAborted()
          const bytes = await this.#do(task, worker, hashes, options)
          // Pads between files count as well: not worth a bar that goes past its end.
          bytesDone = Math.min(bytesDone + bytes, schedule.bytesTotal)
          onProgress?.(bytesDone, schedule.bytesTotal)
        } catch (error) {
          hasFailed = true
          throw error
        }
      }
    }
    this.#readers ??= this.#countReaders()
    const readers = await this.#readers
    const workers = this.#links.some(readers)
    const lanes = Array.from({ length: TASKS_PER_WORKER }, () => workers.map(work)).flat()
    const results = await Promise.allSettled(lanes)
    for (const { worker, hash } of hashes.begun()) {
      this.#links.post(worker, { type: 'stop-hash', storage: this.#links.storage, hash })
    }
    for (const result of results) if (result.status === 'rejected') throw result.reason
  }

  /** Has a worker do a task; gives the bytes that were hashed. */
  async #do(task: HashTask, worker: number, hashes: HashNumbers, options: CheckOptions): Promise<number> {
    switch (task.type) {
      case 'pieces':
        return await this.#hashPieces(task, worker, options)
      case 'run': {
        const { entryIndex, from, length, isLast } = task
        const hash = hashes.of(task, worker)
        const run = {
          type: 'hash-run',
          storage: this.#links.storage,
          hash,
          entryIndex,
          from,
          length,
          isLast,
        } as const
        const { sha256 } = await this.#links.call(worker, run, 'hashed-run')
        options.signal?.throwIfAborted()
        if (sha256 !== undefined) options.onChecksum?.(entryIndex, sha256)
        return length
      }
      case 'files': {
        const { entryIndices } = task
        const files = { type: 'hash-files', storage: this.#links.storage, entryIndices } as const
        const { sha256s } = await this.#links.call(worker, files, 'hashed-files')
        let bytes = 0
        for (const [at, sha256] of sha256s.entries()) {
          const entryIndex = entryIndices[at] ?? 0
          options.onChecksum?.(entryIndex, sha256)
          bytes += this.#layout.entries.at(entryIndex)?.length ?? 0
        }
        return bytes
      }
    }
  }

  async #hashPieces(
    { first, count }: Extract<HashTask, { type: 'pieces' }>,
    worker: number,
    { signal, onPiece, onChecksum }: CheckOptions,
  ): Promise<number> {
    const checksums = onChecksum !== undefined
    const check = { type: 'check', storage: this.#links.storage, first, count, checksums } as const
    const run = await this.#links.call(worker, check, 'checked')
    signal?.throwIfAborted()
    let bytes = 0
    for (let index = 0; index < count; index++) {
      const state = PIECE_STATES[run.states[index] ?? 0] ?? 'missing'
      const hasDigests = state !== 'missing'
      bytes += this.#map.dataSize(first + index)
      onPiece(first + index, {
        sha1: hasDigests ? digestAt(run.sha1s, index, SHA1_LENGTH) : undefined,
        root: hasDigests ? digestAt(run.roots, index, HASH_LENGTH) : undefined,
        state,
      })
    }
    for (const { entryIndex, sha256 } of run.checksums) onChecksum?.(entryIndex, sha256)
    return bytes
  }
}

/** The numbers under which workers keep flat hashes that are on their way. */
class HashNumbers {
  readonly #next: () => number
  readonly #begun = new Map<number, { readonly worker: number; readonly hash: number }>()

  constructor(next: () => number) {
    this.#next = next
  }

  of({ entryIndex, isLast }: Extract<HashTask, { type: 'run' }>, worker: number): number {
    const { hash } = this.#begun.get(entryIndex) ?? { hash: this.#next() }
    if (isLast) this.#begun.delete(entryIndex)
    else this.#begun.set(entryIndex, { worker, hash })
    return hash
  }

  /** Those whose last run was not given out. */
  begun(): Iterable<{ readonly worker: number; readonly hash: number }> {
    return this.#begun.values()
  }
}

/** One of several digests in a row; undefined where the version has none. */
function digestAt(digests: Uint8Array, index: number, length: number): Uint8Array | undefined {
  return digests.length > 0 ? digests.slice(index * length, (index + 1) * length) : undefined
}
