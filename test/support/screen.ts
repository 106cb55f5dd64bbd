import type { WriteStream } from 'node:tty'

const BAR_WIDTH = 28
/** Where nothing says how wide the window is. */
const DEFAULT_COLUMNS = 80
/** What stands before the continuation of a line that is wider than the window. */
const HANGING_INDENT = ' '.repeat(11)

/**
 * Lines of which the last ones change in place on a terminal. Elsewhere a line is written when it is first known and
 * when it is final, without any escape code.
 */
export class Screen {
  readonly #out: WriteStream
  /** The line that is still changing, as it was drawn last. */
  #live: string | undefined

  constructor(out: WriteStream) {
    this.#out = out
  }

  /** Changes the last line; on a terminal only. */
  live(line: string): void {
    if (!this.#out.isTTY) return
    this.#clear()
    // A line that wraps cannot be taken back.
    this.#live = line.slice(0, this.#out.columns - 1)
    this.#out.write(this.#live)
  }

  /** Writes a line that stays; one that is wider than the window goes on below, with no word broken. */
  line(line = ''): void {
    this.#clear()
    this.#out.write(`${wrapped(line, this.#out.columns || DEFAULT_COLUMNS).join('\n')}\n`)
  }

  #clear(): void {
    if (this.#live !== undefined) this.#out.write('\r\x1b[2K')
    this.#live = undefined
  }
}

/** The lines of a text, broken between words; only a word that is wider than the window is wider than it. */
export function wrapped(text: string, columns: number): string[] {
  const lines: string[] = []
  let rest = text
  while (rest.length > columns) {
    const indent = rest.length - rest.trimStart().length
    const space = rest.lastIndexOf(' ', columns)
    const end = space > indent ? space : rest.indexOf(' ', columns)
    if (end < 0) break
    lines.push(rest.slice(0, end).trimEnd())
    rest = HANGING_INDENT + rest.slice(end).trimStart()
  }
  return [...lines, rest]
}

export function bar(part: number): string {
  const full = Math.round(Math.min(1, Math.max(0, part)) * BAR_WIDTH)
  return `${'█'.repeat(full)}${'░'.repeat(BAR_WIDTH - full)} ${String(Math.floor(part * 100)).padStart(3)} %`
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`
}

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
