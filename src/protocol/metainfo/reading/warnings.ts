/** More than this many nobody reads. */
const MAX_WARNINGS = 100

/** What was odd but harmless while a torrent was read, one line each. */
export class Warnings {
  readonly #lines: string[] = []
  #left = 0

  add(line: string): void {
    if (this.#lines.length < MAX_WARNINGS) this.#lines.push(line)
    else this.#left++
  }

  /** The lines so far, and if there were too many, one that says how many are not shown. */
  get lines(): string[] {
    return this.#left === 0 ? [...this.#lines] : [...this.#lines, `${this.#left} more warnings`]
  }
}
