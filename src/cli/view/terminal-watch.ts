import { isInForeground } from './foreground.js'

export interface TerminalListener {
  onResize(): void
  /** Ctrl-Z: the process stops when this returns. */
  onSuspend(): void
  /** It goes on, and the shell has written to the terminal meanwhile. */
  onResume(): void
  /** The terminal has echoed this many typed line ends. */
  onLineEndsTyped(count: number): void
}

/** The keyboard of a terminal. */
export interface Keyboard {
  readonly stdin: NodeJS.ReadStream
  isInForeground(): Promise<boolean>
}

const KEYBOARD: Keyboard = { stdin: process.stdin, isInForeground }

/**
 * Watches a terminal that is drawn on. If standard input is the terminal, key presses are read and dropped, which is the only way to
 * learn that their echo has moved the cursor.
 */
export function watchTerminal(
  stream: NodeJS.WriteStream,
  listener: TerminalListener,
  keyboard: Keyboard = KEYBOARD,
): Disposable {
  return new TerminalWatch(stream, listener, keyboard)
}

// Windows has neither signal, and cannot stop a process.
const HAS_JOB_CONTROL = process.platform !== 'win32'

class TerminalWatch implements Disposable {
  readonly #stream: NodeJS.WriteStream
  readonly #listener: TerminalListener
  readonly #keyboard: Keyboard
  readonly #onResize = (): void => this.#listener.onResize()
  readonly #onSuspend = (): void => this.#suspend()
  readonly #onContinue = (): void => this.#resume()
  readonly #onTyped = (chunk: Buffer | string): void => {
    this.#listener.onLineEndsTyped(String(chunk).split('\n').length - 1)
  }
  #isReading = false
  #isDisposed = false

  constructor(stream: NodeJS.WriteStream, listener: TerminalListener, keyboard: Keyboard) {
    this.#stream = stream
    this.#listener = listener
    this.#keyboard = keyboard
    stream.on('resize', this.#onResize)
    if (HAS_JOB_CONTROL) {
      process.on('SIGTSTP', this.#onSuspend)
      process.on('SIGCONT', this.#onContinue)
    }
    void this.#read()
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true
    this.#stream.off('resize', this.#onResize)
    process.off('SIGTSTP', this.#onSuspend)
    process.off('SIGCONT', this.#onContinue)
    this.#stopReading()
  }

  #suspend(): void {
    this.#listener.onSuspend()
    // Reading in the background would stop the process again.
    this.#stopReading()
    // Without a listener the signal does what it does to any program.
    process.off('SIGTSTP', this.#onSuspend)
    process.kill(process.pid, 'SIGTSTP')
  }

  #resume(): void {
    process.off('SIGTSTP', this.#onSuspend)
    process.on('SIGTSTP', this.#onSuspend)
    this.#listener.onResume()
    void this.#read()
  }

  async #read(): Promise<void> {
    const { stdin } = this.#keyboard
    if (stdin.isTTY !== true || !(await this.#keyboard.isInForeground())) return
    if (this.#isDisposed || this.#isReading) return
    this.#isReading = true
    stdin.on('data', this.#onTyped)
    // Input alone is no reason to stay.
    stdin.unref()
  }

  #stopReading(): void {
    if (!this.#isReading) return
    this.#isReading = false
    this.#keyboard.stdin.off('data', this.#onTyped)
    this.#keyboard.stdin.pause()
  }
}
