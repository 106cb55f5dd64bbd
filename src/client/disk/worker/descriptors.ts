import { closeSync } from 'node:fs'
import { toDiskError } from '../disk-error.js'

interface OpenFile {
  readonly descriptor: number
  readonly isWritable: boolean
  readonly path: string
}

/** The open files of a worker: a bounded number, and the one used longest ago is closed for a new one. */
export class Descriptors {
  readonly #limit: number
  /** Oldest use first. */
  readonly #open = new Map<number, OpenFile>()

  constructor(limit: number) {
    this.#limit = Math.max(1, limit)
  }

  /** The descriptor kept under `key`; one that cannot be written to does not do where `isWritable` is asked. */
  get(key: number, isWritable: boolean): number | undefined {
    const file = this.#open.get(key)
    if (file === undefined || (isWritable && !file.isWritable)) return undefined
    this.#open.delete(key)
    this.#open.set(key, file)
    return file.descriptor
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

  close(key: number): void {
    const file = this.#open.get(key)
    if (file === undefined) return
    this.#open.delete(key)
    try {
      closeSync(file.descriptor)
    } catch (error) {
      // A network disk may say only now that it could not write.
      throw toDiskError(error, 'writing', file.path)
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
