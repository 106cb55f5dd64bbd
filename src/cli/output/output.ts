import { printable, printableLines } from '../../base/printable.js'
import { cutInMiddle } from '../../base/text-pieces.js'
import { isBrokenPipe, systemReason } from '../errors/system-reason.js'
import { type ColourWishes, type Paint, paintFor, plain } from '../view/palette.js'
import { BoundedWriter } from './bounded-writer.js'
import type { JsonEvent } from './json-events.js'
import { jsonPieces, type Lazy } from './json-pieces.js'

export interface OutputOptions extends ColourWishes {
  readonly stdout: NodeJS.WriteStream
  readonly stderr: NodeJS.WriteStream
  readonly json: boolean
  readonly quiet: boolean
}

/** Of a message, in UTF-16 units. */
const MAX_MESSAGE = 2_000

/** Takes lines for standard error while a view draws there, so that they do not break the drawing. */
export type LineSink = (line: string) => void

/**
 * The two streams. Results go to standard output, for people or (`--json`) as one object a line; notes, warnings and errors go to
 * standard error. A closed pipe is no error: nothing more is written to it. A reader that stops reading costs bounded memory.
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
    // A failure of standard error cannot be reported anywhere.
    this.#err = new BoundedWriter(options.stderr, { onGivenUp: () => {} })
    options.stdout.on('error', error => {
      this.#out.close()
      if (isBrokenPipe(error)) return
      this.#hasFailed = true
      this.error(`standard output: ${systemReason(error)}`)
    })
    options.stderr.on('error', () => this.#err.close())
  }

  /** True if a result could not be written. */
  get hasFailed(): boolean {
    return this.#hasFailed
  }

  get isJson(): boolean {
    return this.options.json
  }

  /** True if notes and progress are wanted. */
  get isTalkative(): boolean {
    return !this.options.quiet && !this.options.json
  }

  /** True if standard output is a terminal. */
  get isForEyes(): boolean {
    return this.options.stdout.isTTY === true
  }

  /**
   * Writes lines of a result, painted with `paint`; nothing with `--json`. Text from outside is made `printable` here, unless its
   * width mattered and it is already.
   * @param chunks lines, or several chunks of lines, each made when it can be written
   */
  result(chunks: string | Iterable<string>): void {
    if (this.isJson) return
    const lines = this.#printableChunks(typeof chunks === 'string' ? [chunks] : chunks)
    // On a terminal both streams end on the same screen.
    if (this.#sink !== undefined && this.isForEyes && this.options.stderr.isTTY) {
      for (const line of lines) this.#sink(line.slice(0, -1))
    } else this.#out.writePieces(lines)
  }

  /** Raw bytes that were asked for (`make --out -`). */
  bytes(bytes: Uint8Array): void {
    this.#out.write(bytes)
  }

  /** An object of `--json`, written in pieces where it is long; nothing without `--json`. */
  event(event: Lazy<JsonEvent>): void {
    if (!this.isJson) return
    const { type, ...facts } = event
    // Escaped also where it goes to a file or a pipe: what is read there may be shown later, and it is the same JSON.
    const pieces = jsonPieces({ type, time: new Date().toISOString(), ...facts }, '\n')
    const infoHash = 'infoHash' in event && typeof event.infoHash === 'string' ? event.infoHash : undefined
    if (type === 'progress' && infoHash !== undefined) {
      this.#out.writeLatest(infoHash, [...pieces].join(''))
    } else this.#out.writePieces(pieces, infoHash)
  }

  /** A line that is nice to know. */
  note(text: string): void {
    if (this.isTalkative) this.#writeError(printable(shortMessage(text)))
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
    const short = shortMessage(message)
    this.event({ type: 'warning', ...(infoHash === undefined ? {} : { infoHash }), code, message: short })
    if (!this.isTalkative) return
    const text = printable(shortMessage(name === undefined ? short : `${name}: ${short}`))
    this.#writeError(`torrent: ${this.notePaint('yellow', 'warning')}: ${text}`)
  }

  /** The line for an error; it is written always. */
  error(message: string): void {
    this.#writeError(`${this.notePaint('red', 'torrent')}: ${printable(shortMessage(message))}`)
  }

  /** Writes the stack trace of a bug. */
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

  *#printableChunks(chunks: Iterable<string>): Generator<string> {
    for (const chunk of chunks) yield `${printableLines(chunk, this.paint !== plain)}\n`
  }

  #writeError(text: string): void {
    if (this.#sink !== undefined) this.#sink(text)
    else this.#err.write(`${text}\n`)
  }
}

/** A message is a line for people, with `--json`, too: names and addresses of others in it may be of any length. */
export function shortMessage(message: string): string {
  return cutInMiddle(message, MAX_MESSAGE)
}
