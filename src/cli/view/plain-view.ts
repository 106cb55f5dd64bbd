import { plainLine } from './progress-line.js'
import type { ProgressRow, ProgressView } from './progress-view.js'

const INTERVAL_MS = 5_000
const MAX_ROWS = 10

export interface PlainViewOptions {
  readonly stream: NodeJS.WritableStream
  readonly intervalMs?: number
}

/** A line every few seconds for each row in which something changed, and never an escape code. */
export class PlainView implements ProgressView {
  readonly #stream: NodeJS.WritableStream
  readonly #timer: NodeJS.Timeout
  /** Each row with the line that it was told with. */
  readonly #rows = new Map<ProgressRow, string>()

  constructor({ stream, intervalMs = INTERVAL_MS }: PlainViewOptions) {
    this.#stream = stream
    this.#timer = setInterval(() => this.#tell(), intervalMs)
    // Progress alone is no reason to stay.
    this.#timer.unref()
  }

  add(row: ProgressRow): void {
    this.#rows.set(row, '')
  }

  remove(row: ProgressRow): void {
    this.#rows.delete(row)
  }

  print(line: string): void {
    this.#stream.write(`${line}\n`)
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer)
    this.#rows.clear()
  }

  #tell(): void {
    let told = 0
    for (const [row, last] of this.#rows) {
      const line = plainLine(row.name, row.snapshot())
      if (line === last) continue
      if (++told > MAX_ROWS) break
      // Told rows go to the end, so that with very many each one has its turn.
      this.#rows.delete(row)
      this.#rows.set(row, line)
      this.print(line)
    }
  }
}
