import { createHash, type Hash, hash } from 'node:crypto'
import type { WorkerTask } from '../messages.js'
import type { ContentFiles } from './content-files.js'
import { WINDOW_LENGTH, window } from './window.js'

/** The flat SHA-256 of files, as `sha256sum` prints it. Methods throw `DiskError`, `changed` for a short file. */
export class FlatHashes {
  readonly #files: ContentFiles
  /** Those that are on their way, by number. */
  readonly #begun = new Map<number, Hash>()

  constructor(files: ContentFiles) {
    this.#files = files
  }

  /** The next run of a file; gives the hash after the last one. */
  run(task: Extract<WorkerTask, { type: 'hash-run' }>): Uint8Array | undefined {
    const { entryIndex, from, length, isLast } = task
    const sha256 = this.#begun.get(task.hash) ?? createHash('sha256')
    this.#begun.delete(task.hash)
    this.#update(sha256, entryIndex, from, length)
    if (isLast) return new Uint8Array(sha256.digest())
    this.#begun.set(task.hash, sha256)
    return undefined
  }

  /** Forgets a hash that is on its way. */
  stop(id: number): void {
    this.#begun.delete(id)
  }

  ofFile(entryIndex: number): Uint8Array {
    const length = this.#files.layout.entries.at(entryIndex)?.length ?? 0
    if (length <= WINDOW_LENGTH) {
      return new Uint8Array(hash('sha256', this.#read(entryIndex, 0, length), 'buffer'))
    }
    const sha256 = createHash('sha256')
    this.#update(sha256, entryIndex, 0, length)
    return new Uint8Array(sha256.digest())
  }

  #update(sha256: Hash, entryIndex: number, from: number, length: number): void {
    for (let done = 0; done < length; done += WINDOW_LENGTH) {
      sha256.update(this.#read(entryIndex, from + done, Math.min(WINDOW_LENGTH, length - done)))
    }
  }

  #read(entryIndex: number, offset: number, length: number): Uint8Array {
    const target = window.subarray(0, length)
    if (this.#files.readExactly(entryIndex, offset, target).type === 'full') return target
    throw this.#files.tooShort(entryIndex)
  }
}
