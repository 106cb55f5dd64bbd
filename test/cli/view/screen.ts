import { Writable } from 'node:stream'

/** One of the two screens of a terminal. */
interface Shown {
  readonly lines: string[]
  readonly row: number
  readonly top: number
  readonly column: number
}

/**
 * A terminal with a number of rows and columns that understands what a progress view writes, and throws at anything else. Lines
 * that are longer than the window wrap, and making it narrower breaks lines anew, as most terminals do.
 */
export class Screen extends Writable {
  readonly isTTY = true
  columns: number
  rows: number
  isCursorVisible = true
  writes = 0
  /** All lines that there ever were. */
  #lines: string[] = ['']
  #row = 0
  /** The first line in the window. */
  #top = 0
  #column = 0
  /** The first screen, while the second one is shown. */
  #first: Shown = { lines: [''], row: 0, top: 0, column: 0 }

  constructor(columns: number, rows: number) {
    super({ decodeStrings: false })
    this.columns = columns
    this.rows = rows
  }

  hasColors(): boolean {
    return false
  }

  /** What stands there, without empty lines at the end. */
  get text(): string {
    return this.#lines
      .map(line => line.trimEnd())
      .join('\n')
      .trimEnd()
  }

  get lines(): string[] {
    return this.text.split('\n')
  }

  /** The lines in the window, without those that were scrolled out of it. */
  get window(): string[] {
    return this.lines.slice(this.#top)
  }

  resize(columns: number, rows: number): void {
    const breakUp = (line: string) => line.match(new RegExp(`.{1,${columns}}`, 'g')) ?? ['']
    const above = this.#lines.slice(0, this.#row).flatMap(breakUp)
    this.#row = above.length + Math.floor(this.#column / columns)
    this.#column %= columns
    const broken = this.#lines.flatMap(breakUp)
    this.#lines = broken
    this.columns = columns
    this.rows = rows
    this.#top = Math.max(0, broken.length - rows)
    this.emit('resize')
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.writes++
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal is made of them
    for (const [token] of String(chunk).matchAll(/\x1b\[\??\d*[A-Za-z]|\r|\n|[^\x1b\r\n]/gu))
      this.#take(token)
    done()
  }

  #take(token: string): void {
    const up = /^.\[(\d*)A$/.exec(token)
    if (up) {
      this.#row = Math.max(this.#row - Number(up[1] || 1), this.#top)
    } else if (token === '\r') this.#column = 0
    else if (token === '\n') this.#down()
    else if (token === '\x1b[K') this.#lines[this.#row] = this.#line.slice(0, this.#column)
    else if (token === '\x1b[2K') this.#lines[this.#row] = ''
    else if (token === '\x1b[J') {
      this.#lines.length = this.#row + 1
      this.#lines[this.#row] = this.#line.slice(0, this.#column)
    } else if (token === '\x1b[H') {
      this.#row = this.#top
      this.#column = 0
    } else if (token === '\x1b[?1049h') {
      this.#first = { lines: this.#lines, row: this.#row, top: this.#top, column: this.#column }
      this.#show({ lines: [''], row: 0, top: 0, column: 0 })
    } else if (token === '\x1b[?1049l') {
      this.#show(this.#first)
    } else if (token === '\x1b[?25l') this.isCursorVisible = false
    else if (token === '\x1b[?25h') this.isCursorVisible = true
    else if (token.startsWith('\x1b')) throw new Error(`unknown sequence ${JSON.stringify(token)}`)
    else this.#put(token)
  }

  #show({ lines, row, top, column }: Shown): void {
    this.#lines = lines
    this.#row = row
    this.#top = top
    this.#column = column
  }

  get #line(): string {
    return this.#lines[this.#row] ?? ''
  }

  #put(character: string): void {
    if (this.#column >= this.columns) this.#down()
    const before = this.#line.padEnd(this.#column)
    this.#lines[this.#row] = before.slice(0, this.#column) + character + before.slice(this.#column + 1)
    this.#column++
  }

  #down(): void {
    this.#row++
    this.#column = 0
    if (this.#row === this.#lines.length) this.#lines.push('')
    this.#top = Math.max(this.#top, this.#row - this.rows + 1)
  }
}
