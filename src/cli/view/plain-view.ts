import { MeasuredRow } from './measured-row.js'
import { plainLine } from './progress-line.js'
import type { LineStream, ProgressRow, ProgressView } from './progress-view.js'

const INTERVAL_MS = 5_000
const MAX_ROWS = 10
/** Rows that are looked at for a change at a time. */
const MAX_LOOKS = 1_000

export interface PlainViewOptions {
  readonly stream: LineStream
  readonly intervalMs?: number
}

/** A line every few seconds for each row in which something changed, and never an escape code. */
export class PlainView implements ProgressView {
  readonly #stream: LineStream
  readonly #timer: NodeJS.Timeout
  /** Each row with the line that it was last told with. */
  readonly #rows = new Map<ProgressRow, { readonly measured: MeasuredRow; readonly last: string }>()

  constructor({ stream, intervalMs = INTERVAL_MS }: PlainViewOptions) {
    this.#stream = stream
    this.#timer = setInterval(() => this.#tell(), intervalMs)
    // Progress alone is no reason to stay.
    this.#timer.unref()
  }

  add(row: ProgressRow): void {
    this.#rows.set(row, { measured: new MeasuredRow(row), last: '' })
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
    const now = performance.now()
    for (const [row, { measured, last }] of [...this.#rows].slice(0, MAX_LOOKS)) {
      const line = plainLine(row.name, measured.snapshot(now))
      if (line !== last && ++told > MAX_ROWS) break
      // Rows that were looked at go to the end, so that with very many each one has its turn.
      this.#rows.delete(row)
      this.#rows.set(row, { measured, last: line })
      if (line !== last) this.#printProgress(row, line)
    }
  }

  #printProgress({ name }: ProgressRow, line: string): void {
    if (this.#stream.writeLatest === undefined) this.print(line)
    else this.#stream.writeLatest(name, `${line}\n`)
  }
}
