import { closeSync } from 'node:fs'
import { type DiskError, toDiskError } from '../disk-error.js'

export interface OpenFile {
  readonly descriptor: number
  readonly isWritable: boolean
  readonly path: string
  /** `FileLedger.changesOf` when it was opened: after another change the path may lead to another file. */
  readonly changes: number
  /** When it was last compared with the ledger, by `performance.now()`. */
  inspectedAt: number
  /** Hears that closing the file failed. */
  readonly onCloseFailed: (error: DiskError) => void
}

/**
 * The open files of a worker: a bounded number, and the one used longest ago is closed for a new one. A file that fails when
 * it is closed (a network disk may say only then that it could not write) tells its own torrent, and never the one that
 * needed its place.
 */
export class Descriptors {
  readonly #limit: number
  /** Oldest use first. */
  readonly #open = new Map<number, OpenFile>()

  constructor(limit: number) {
    this.#limit = Math.max(1, limit)
  }

  /** The file kept under `key`; one that cannot be written to does not do where `isWritable` is asked. */
  get(key: number, isWritable: boolean): OpenFile | undefined {
    const file = this.#open.get(key)
    if (file === undefined || (isWritable && !file.isWritable)) return undefined
    this.#open.delete(key)
    this.#open.set(key, file)
    return file
  }

  /** Closes what stands in the way of opening a file under `key`. */
  makeRoom(key: number): void {
    this.close(key)
    for (const oldest of this.#open.keys()) {
      if (this.#open.size < this.#limit) break
      this.close(oldest)
    }
  }

  /** Keeps a file that was opened after `makeRoom`. */
  put(key: number, file: OpenFile): void {
    this.#open.set(key, file)
  }

  /** Closes a file, if it is open. */
  close(key: number): void {
    const file = this.#open.get(key)
    if (file === undefined) return
    this.#open.delete(key)
    try {
      closeSync(file.descriptor)
    } catch (error) {
      const failure = toDiskError(error, 'writing', file.path)
      // Nothing can be lost of a file that was only read.
      if (file.isWritable) file.onCloseFailed(failure)
    }
  }

  /** Closes the files with keys from `first` up to, not including, `end`. */
  closeRange(first: number, end: number): void {
    for (const key of [...this.#open.keys()]) if (key >= first && key < end) this.close(key)
  }

  closeAll(): void {
    this.closeRange(0, Number.POSITIVE_INFINITY)
  }
}
