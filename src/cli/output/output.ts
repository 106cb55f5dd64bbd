import { printable, printableJson, printableLines } from '../../base/printable.js'
import { isBrokenPipe, systemReason } from '../errors/system-reason.js'
import { type ColourWishes, type Paint, paintFor, plain } from '../view/palette.js'
import type { JsonEvent } from './json-events.js'

export interface OutputOptions extends ColourWishes {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly json: boolean
  readonly quiet: boolean
}

/** Whoever draws on standard error takes lines from then on, so that they do not tear what is drawn. */
export type LineSink = (line: string) => void

/**
 * The two streams. What was asked for goes to standard output, for people or (`--json`) one object a line; notes,
 * warnings and errors go to standard error. A reader that has gone is no error: its stream falls silent.
 */
export class Output {
  readonly options: OutputOptions
  /** For what goes to standard output. */
  readonly paint: Paint
  /** For what goes to standard error. */
  readonly notePaint: Paint
  #sink: LineSink | undefined
  #isOutputGone = false
  #hasFailed = false
  #isErrorGone = false

  constructor(options: OutputOptions) {
    this.options = options
    this.paint = options.json ? plain : paintFor(options.stdout, options)
    this.notePaint = paintFor(options.stderr, options)
    options.stdout.on('error', error => {
      this.#isOutputGone = true
      if (isBrokenPipe(error)) return
      this.#hasFailed = true
      this.error(`standard output: ${systemReason(error)}`)
    })
    // Where standard error itself fails there is nobody left to tell.
    options.stderr.on('error', () => {
      this.#isErrorGone = true
    })
  }

  /** Whether something that was asked for could not be written. */
  get hasFailed(): boolean {
    return this.#hasFailed
  }

  get isJson(): boolean {
    return this.options.json
  }

  /** Whether notes and progress are wanted. */
  get isTalkative(): boolean {
    return !this.options.quiet && !this.options.json
  }

  /** Whether standard output is a terminal. */
  get isForEyes(): boolean {
    return this.options.stdout.isTTY === true
  }

  /**
   * Lines of text that were asked for, painted with `paint`; nothing with `--json`. What is from outside is `printable` in
   * them already, where it counts how wide it is; what is not is made so.
   */
  result(lines: string): void {
    if (this.isJson) return
    const text = printableLines(lines, this.paint !== plain)
    // On a terminal both streams end on the same screen.
    if (this.#sink !== undefined && this.isForEyes && this.options.stderr.isTTY) this.#sink(text)
    else this.#writeOut(`${text}\n`)
  }

  /** Raw bytes that were asked for (`make --out -`). */
  bytes(bytes: Uint8Array): void {
    this.#writeOut(bytes)
  }

  /** An object of `--json`; nothing without it. */
  event(event: JsonEvent): void {
    if (!this.isJson) return
    const { type, ...facts } = event
    const line = JSON.stringify({ type, time: new Date().toISOString(), ...facts })
    // Also where it goes to a file or a pipe: what is read there may be shown later, and it is the same JSON.
    this.#writeOut(`${printableJson(line)}\n`)
  }

  /** A line that is nice to know. */
  note(text: string): void {
    if (this.isTalkative) this.#writeError(printable(text))
  }

  /** As `result`, of lines that are nice to know, painted with `notePaint`. */
  picture(text: string): void {
    if (this.isTalkative) this.#writeError(printableLines(text, this.notePaint !== plain))
  }

  /**
   * Tells something that went wrong, after which it goes on: a line, or an object with `--json`.
   * @param about the torrent, where it is about one; the line names it
   */
  warn(code: string, message: string, about?: { readonly infoHash: string; readonly name?: string }): void {
    const { infoHash, name } = about ?? {}
    this.event({ type: 'warning', ...(infoHash === undefined ? {} : { infoHash }), code, message })
    if (!this.isTalkative) return
    const text = printable(name === undefined ? message : `${name}: ${message}`)
    this.#writeError(`torrent: ${this.notePaint('yellow', 'warning')}: ${text}`)
  }

  /** The line for an error; it is written always. */
  error(message: string): void {
    this.#writeError(`${this.notePaint('red', 'torrent')}: ${printable(message)}`)
  }

  /** Lines for whoever looks for the defect. */
  trace(stack: string): void {
    this.#writeError(printableLines(stack, false))
  }

  /** Hands all lines to `sink` until the returned function is called. */
  divert(sink: LineSink): () => void {
    this.#sink = sink
    return () => {
      if (this.#sink === sink) this.#sink = undefined
    }
  }

  #writeOut(data: string | Uint8Array): void {
    if (!this.#isOutputGone) this.options.stdout.write(data)
  }

  #writeError(text: string): void {
    if (this.#sink !== undefined) this.#sink(text)
    else if (!this.#isErrorGone) this.options.stderr.write(`${text}\n`)
  }
}
