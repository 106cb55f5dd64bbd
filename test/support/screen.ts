import type { WriteStream } from 'node:tty'

const BAR_WIDTH = 28

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

  /** Writes a line that stays. */
  line(line = ''): void {
    this.#clear()
    this.#out.write(`${line}\n`)
  }

  #clear(): void {
    if (this.#live !== undefined) this.#out.write('\r\x1b[2K')
    this.#live = undefined
  }
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
