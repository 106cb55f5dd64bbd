import { sharedAbortController } from '../../base/shared-abort.js'

/** The part of `process` that is needed, so that a test can send signals without a process. */
export interface SignalSource {
  on(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
  off(signal: NodeJS.Signals, listener: (signal: NodeJS.Signals) => void): unknown
}

export interface StopOptions {
  /** Called on the first signal, with its name. */
  onFirst?(signal: NodeJS.Signals): void
  /** Called on the second: it leaves the process at once. */
  onSecond(): void
  readonly source?: SignalSource
  /** Milliseconds of any clock that goes forward. */
  now?(): number
}

// SIGHUP: the terminal was closed. SIGBREAK: Ctrl-Break of Windows, where SIGTERM never arrives.
const SIGNALS: readonly NodeJS.Signals[] =
  process.platform === 'win32' ? ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'] : ['SIGINT', 'SIGTERM', 'SIGHUP']

// A terminal sends Ctrl-C to a whole group of processes, and npm or npx hand it on once more: that is one press.
const SAME_PRESS_MS = 200

/**
 * Ctrl-C, SIGTERM or a closed terminal: the first one aborts `signal`, so that everything ends in good order, the
 * second leaves at once. Until it is disposed of, the process no longer dies of these signals by itself.
 */
export class StopSignal implements Disposable {
  readonly #controller = sharedAbortController()
  readonly #options: StopOptions
  readonly #source: SignalSource
  readonly #now: () => number
  #firstAt = 0

  constructor(options: StopOptions) {
    this.#options = options
    this.#source = options.source ?? process
    this.#now = options.now ?? (() => performance.now())
    for (const signal of SIGNALS) this.#source.on(signal, this.#onSignal)
  }

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get isStopped(): boolean {
    return this.#controller.signal.aborted
  }

  [Symbol.dispose](): void {
    for (const signal of SIGNALS) this.#source.off(signal, this.#onSignal)
  }

  readonly #onSignal = (signal: NodeJS.Signals): void => {
    if (this.isStopped) {
      if (this.#now() - this.#firstAt >= SAME_PRESS_MS) this.#options.onSecond()
      return
    }
    this.#firstAt = this.#now()
    this.#options.onFirst?.(signal)
    this.#controller.abort()
  }
}
