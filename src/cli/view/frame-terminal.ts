import { widthOf } from './text.js'

export interface TerminalStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean
  readonly columns?: number
  readonly rows?: number
}

const DEFAULT_COLUMNS = 80
const DEFAULT_ROWS = 24
const ESC = '\x1b['
// biome-ignore lint/suspicious/noControlCharactersInRegex: colours begin with one
const COLOURS = /\x1b\[[\d;]*m/g

/**
 * The terminal that cli-progress draws on. Its own writes every part of every bar by itself, which flickers, leaves
 * the ends of longer lines behind notes, and loses its place when the window becomes narrower; this one
 * gathers a frame and writes it at once.
 */
export class FrameTerminal {
  readonly #stream: TerminalStream
  #frame = ''
  /** Lines of the frame so far: the cursor stands on the last one. */
  #lines: string[] = ['']
  #isCursorHidden = false
  /** While true, cli-progress draws into the void. */
  isHeld = false

  constructor(stream: TerminalStream) {
    this.#stream = stream
  }

  get columns(): number {
    return this.#stream.columns || DEFAULT_COLUMNS
  }

  get rows(): number {
    return this.#stream.rows || DEFAULT_ROWS
  }

  /** Writes what was gathered. */
  flush(): void {
    const frame = this.#frame
    this.#frame = ''
    if (frame !== '') this.#stream.write(frame)
  }

  /** For whoever leaves without closing: shows the cursor again, below what is drawn. */
  restore(): void {
    if (!this.#isCursorHidden) return
    this.#isCursorHidden = false
    this.#stream.write(`\n${ESC}?25h`)
  }

  // What follows is called by cli-progress.

  isTTY(): boolean {
    return true
  }

  getWidth(): number {
    return this.columns
  }

  cursor(isShown: boolean): void {
    this.#isCursorHidden = !isShown
    this.#frame += isShown ? `${ESC}?25h` : `${ESC}?25l`
  }

  /** Lines are never longer than the window: there is nothing to switch off. */
  lineWrapping(): void {}

  cursorTo(): void {
    this.#add('\r')
  }

  /** Back to where the frame began. A window that became narrower has broken its lines, so it began further up. */
  cursorRelativeReset(): void {
    if (this.isHeld) return
    let up = this.#lines.length - 1
    for (const line of this.#lines) {
      up += Math.max(0, Math.ceil(widthOf(line.replace(COLOURS, '')) / this.columns) - 1)
    }
    this.#add(up > 0 ? `\r${ESC}${up}A` : '\r')
    this.#lines = ['']
  }

  clearLine(): void {
    this.#add(`${ESC}2K`)
  }

  clearRight(): void {
    this.#add(`${ESC}K`)
  }

  clearBottom(): void {
    this.#add(`${ESC}J`)
  }

  newline(): void {
    if (this.isHeld) return
    this.#add('\n')
    this.#lines.push('')
  }

  /** A bar, or (`isNote`) whole lines that stay above the bars. */
  write(text: string, isNote = false): void {
    if (this.isHeld) return
    if (isNote) {
      this.#add(text.replaceAll('\n', `${ESC}K\n`))
    } else {
      this.#add(text)
      this.#lines[this.#lines.length - 1] += text
    }
  }

  #add(text: string): void {
    if (!this.isHeld) this.#frame += text
  }
}
