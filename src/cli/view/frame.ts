import { columnsOf, rowsOf, type TerminalStream } from './terminal-size.js'
import { widthOf } from './text.js'

const ESC = '\x1b['
const HIDE_CURSOR = `${ESC}?25l`
const SHOW_CURSOR = `${ESC}?25h`
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const COLOURS = /\x1b\[[\d;]*m/g

/**
 * Lines at the bottom of what a program has written, drawn anew in place. Each frame is one write, so that nothing
 * flickers. The cursor rests at the beginning of the last line, where the echo of a typed `^C` breaks no line.
 */
export class Frame {
  readonly #stream: TerminalStream
  /** As they were drawn last; empty where nothing is drawn. */
  #lines: readonly string[] = []
  /** The width of the window then. */
  #drawnColumns: number | undefined
  /** Rows that the cursor was moved down from outside. */
  #moved = 0
  #isCursorHidden = false

  constructor(stream: TerminalStream) {
    this.#stream = stream
  }

  get columns(): number {
    return columnsOf(this.#stream)
  }

  get rows(): number {
    return rowsOf(this.#stream)
  }

  /**
   * Puts `lines` in place of those that were drawn last.
   * @param lines each narrower than the window, with colours at most
   * @param notes whole lines that stay above them, of any length
   */
  draw(lines: readonly string[], notes: readonly string[] = []): void {
    const hide = this.#isCursorHidden || lines.length === 0 ? '' : HIDE_CURSOR
    const above = notes.map(note => `${note.replaceAll('\n', `${ESC}K\n`)}${ESC}K\n`).join('')
    const frame = lines.map(line => `${line}${ESC}K`).join('\n')
    // Terminals remember which lines they broke, and would join those that are written there when they become wider.
    const erase = this.columns === this.#drawnColumns ? '' : `${ESC}J`
    this.#stream.write(`${hide}${this.#toStart()}${erase}${above}${frame}${ESC}J\r`)
    if (hide !== '') this.#isCursorHidden = true
    this.#lines = lines
    this.#drawnColumns = this.columns
  }

  /** Takes the lines away, and leaves the terminal as it was. */
  clear(): void {
    if (this.#lines.length === 0 && !this.#isCursorHidden) return
    this.#stream.write(`${this.#toStart()}${ESC}J${this.#isCursorHidden ? SHOW_CURSOR : ''}`)
    this.#lines = []
    this.#isCursorHidden = false
  }

  /** The next frame begins where the cursor is then: something else has written to the terminal. */
  forget(): void {
    this.#lines = []
    this.#moved = 0
  }

  /** The terminal has echoed this many typed line ends, each of which moved the cursor down a row. */
  lineEndsTyped(count: number): void {
    if (this.#lines.length > 0) this.#moved += count
  }

  /**
   * Moves the cursor to the beginning of the frame. If the window became narrower, lines were wrapped and the frame begins further
   * up. In the last line the cursor is always at the beginning.
   */
  #toStart(): string {
    const above = this.#lines.slice(0, -1)
    let up = above.length + this.#moved
    for (const line of above) {
      up += Math.max(0, Math.ceil(widthOf(line.replace(COLOURS, '')) / this.columns) - 1)
    }
    this.#moved = 0
    return up > 0 ? `\r${ESC}${up}A` : '\r'
  }
}
