import type { Paint } from '../palette.js'
import { AlternateScreen } from './alternate-screen.js'
import { keysIn } from './keys.js'
import { listHeight, pickerFrame } from './picker-frame.js'
import { type Outcome, PickerState, type PickerTorrent } from './picker-state.js'

export interface PickerTerminal {
  readonly stdin: NodeJS.ReadStream
  readonly stderr: NodeJS.WriteStream
  readonly paint: Paint
  /** Cancels. */
  readonly signal: AbortSignal
}

/** Whether files can be picked: keys are read from standard input, and the list is drawn on standard error. */
export function canPick(
  { stdin, stderr }: Pick<PickerTerminal, 'stdin' | 'stderr'>,
  term = process.env.TERM,
): boolean {
  return stdin.isTTY === true && stderr.isTTY === true && term !== 'dumb'
}

/**
 * Lets a person pick files of a torrent, and leaves the terminal as it was. Gives indices of entries, at least one; undefined where it
 * was cancelled.
 * @param isSelected whether an entry is selected at first
 */
export async function pickFiles(
  torrent: PickerTorrent,
  isSelected: (entryIndex: number) => boolean,
  terminal: PickerTerminal,
): Promise<readonly number[] | undefined> {
  using picker = new Picker(new PickerState(torrent, isSelected), terminal)
  return await picker.picked
}

class Picker implements Disposable {
  readonly picked: Promise<readonly number[] | undefined>
  readonly #state: PickerState
  readonly #terminal: PickerTerminal
  readonly #screen: AlternateScreen
  #end: (picked: readonly number[] | undefined) => void = () => undefined
  readonly #onData = (chunk: Buffer | string): void => this.#take(String(chunk))
  readonly #onCancel = (): void => this.#end(undefined)
  readonly #onResize = (): void => this.#draw()
  readonly #onContinue = (): void => this.#enter()
  // A program that leaves by `process.exit` must not leave a terminal without a cursor.
  readonly #onExit = (): void => this.#screen.leave()

  constructor(state: PickerState, terminal: PickerTerminal) {
    this.#state = state
    this.#terminal = terminal
    this.#screen = new AlternateScreen(terminal.stderr)
    this.picked = new Promise(resolve => {
      this.#end = resolve
    })
    const { stdin, stderr, signal } = terminal
    stdin.on('data', this.#onData)
    stdin.on('end', this.#onCancel)
    stderr.on('resize', this.#onResize)
    signal.addEventListener('abort', this.#onCancel)
    process.on('exit', this.#onExit)
    if (signal.aborted) this.#end(undefined)
    this.#enter()
  }

  [Symbol.dispose](): void {
    const { stdin, stderr, signal } = this.#terminal
    stdin.off('data', this.#onData)
    stdin.off('end', this.#onCancel)
    stderr.off('resize', this.#onResize)
    signal.removeEventListener('abort', this.#onCancel)
    process.off('exit', this.#onExit)
    process.off('SIGCONT', this.#onContinue)
    this.#leave()
  }

  /** Keys come one by one, and are not echoed. */
  #enter(): void {
    const { stdin } = this.#terminal
    stdin.setRawMode(true)
    stdin.resume()
    this.#screen.enter()
    this.#draw()
  }

  #leave(): void {
    const { stdin } = this.#terminal
    this.#screen.leave()
    stdin.setRawMode(false)
    stdin.pause()
  }

  #take(chunk: string): void {
    for (const key of keysIn(chunk)) {
      const outcome: Outcome = this.#state.press(key, listHeight(this.#screen.rows))
      if (outcome === 'suspended') this.#suspend()
      if (outcome === 'cancelled') this.#end(undefined)
      if (outcome === 'picked') this.#end(this.#state.picked)
      if (outcome !== 'open') return
    }
    this.#draw()
  }

  /** Ctrl-Z, which in raw mode is a key: Windows has no such thing. */
  #suspend(): void {
    if (process.platform === 'win32') return
    // It is still read from, which keeps the process until it goes on.
    this.#screen.leave()
    this.#terminal.stdin.setRawMode(false)
    process.once('SIGCONT', this.#onContinue)
    process.kill(process.pid, 'SIGTSTP')
  }

  #draw(): void {
    this.#screen.draw(pickerFrame(this.#state, this.#screen, this.#terminal.paint))
  }
}
