import { columnsOf, rowsOf, type TerminalStream } from '../terminal-size.js'

const ESC = '\x1b['

/**
 * The second screen of a terminal, which has no lines but those that are drawn: when it is left, the first one is there again as it was,
 * however often the window was resized.
 */
export class AlternateScreen {
  readonly #stream: TerminalStream
  #isEntered = false

  constructor(stream: TerminalStream) {
    this.#stream = stream
  }

  get columns(): number {
    return columnsOf(this.#stream)
  }

  get rows(): number {
    return rowsOf(this.#stream)
  }

  enter(): void {
    if (!this.#isEntered) this.#stream.write(`${ESC}?1049h${ESC}?25l`)
    this.#isEntered = true
  }

  /** @param lines no more than there are rows, each no wider than the window, with colours at most */
  draw(lines: readonly string[]): void {
    if (!this.#isEntered) return
    this.#stream.write(`${ESC}H${lines.map(line => `${line}${ESC}K`).join('\r\n')}${ESC}J`)
  }

  leave(): void {
    if (this.#isEntered) this.#stream.write(`${ESC}?25h${ESC}?1049l`)
    this.#isEntered = false
  }
}
