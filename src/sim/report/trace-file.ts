import { closeSync, openSync, writeSync } from 'node:fs'

const BATCH_LENGTH = 64 * 1024

/** Writes lines to a file synchronously, since a run has no pause in which they could be written. */
export class TraceFile implements Disposable {
  readonly #file: number
  #waiting = ''

  /** @throws {NodeJS.ErrnoException} where it can't be made */
  constructor(path: string) {
    this.#file = openSync(path, 'w')
  }

  line(text: string): void {
    this.#waiting += `${text}\n`
    if (this.#waiting.length >= BATCH_LENGTH) this.#flush()
  }

  [Symbol.dispose](): void {
    this.#flush()
    closeSync(this.#file)
  }

  #flush(): void {
    writeSync(this.#file, this.#waiting)
    this.#waiting = ''
  }
}
