import { printable, printableJson, printableLines } from '../../base/printable.js'
import { isBrokenPipe, systemReason } from '../errors/system-reason.js'
import { type ColourWishes, type Paint, paintFor, plain } from '../view/palette.js'
import { BoundedWriter } from './bounded-writer.js'
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
 * warnings and errors go to standard error. A reader that has gone is no error: its stream falls silent. One that stands still costs
 * bounded memory.
 */
export class Output {
  readonly options: OutputOptions
  /** For what goes to standard output. */
  readonly paint: Paint
  /** For what goes to standard error. */
  readonly notePaint: Paint
  readonly #out: BoundedWriter
  readonly #err: BoundedWriter
  #sink: LineSink | undefined
  #hasFailed = false

  constructor(options: OutputOptions) {
    this.options = options
    this.paint = options.json ? plain : paintFor(options.stdout, options)
    this.notePaint = paintFor(options.stderr, options)
    this.#out = new BoundedWriter(options.stdout, {
      onGivenUp: () => {
        this.#hasFailed = true
        this.error('standard output: its reader stands still: nothing more is written to it')
      },
    })
    // Where standard error itself fails there is nobody left to tell.
    this.#err = new BoundedWriter(options.stderr, { onGivenUp: () => {} })
    options.stdout.on('error', error => {
      this.#out.close()
      if (isBrokenPipe(error)) return
      this.#hasFailed = true
      this.error(`standard output: ${systemReason(error)}`)
    })
    options.stderr.on('error', () => this.#err.close())
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
    else this.#out.write(`${text}\n`)
  }

  /** Raw bytes that were asked for (`make --out -`). */
  bytes(bytes: Uint8Array): void {
    this.#out.write(bytes)
  }

  /** An object of `--json`; nothing without it. */
  event(event: JsonEvent): void {
    if (!this.isJson) return
    const { type, ...facts } = event
    const json = JSON.stringify({ type, time: new Date().toISOString(), ...facts })
    // Also where it goes to a file or a pipe: what is read there may be shown later, and it is the same JSON.
    const line = `${printableJson(json)}\n`
    if (event.type === 'progress') this.#out.writeLatest(event.infoHash, line)
    else this.#out.write(line, 'infoHash' in event ? event.infoHash : undefined)
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

  /** For plain lines of progress and what stands between them. */
  get errorLines(): BoundedWriter {
    return this.#err
  }

  /** Waits while the reader of standard output is far behind: before more torrents are begun, which all have much to say. */
  async ready(signal: AbortSignal): Promise<void> {
    await this.#out.ready(signal)
  }

  /** Hands all lines to `sink` until the returned function is called. */
  divert(sink: LineSink): () => void {
    this.#sink = sink
    return () => {
      if (this.#sink === sink) this.#sink = undefined
    }
  }

  #writeError(text: string): void {
    if (this.#sink !== undefined) this.#sink(text)
    else this.#err.write(`${text}\n`)
  }
}
