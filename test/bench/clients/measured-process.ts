import { Child, type Exit } from '../../support/child.js'
import { EventLog } from '../../support/event-log.js'
import type { TempFolder } from '../../support/temp-folder.js'
import { measuring, readSample, type Sample } from '../measuring/measure.js'
import { RunError } from '../measuring/run-error.js'
import type { RunningSeeder } from './client.js'

const START_WITHIN_MS = 30_000
const STOP_WITHIN_MS = 30_000

/** With it every start of Node.js reads certificates, for connections that no run makes. */
const NEUTRAL_ENV = { NODE_EXTRA_CA_CERTS: undefined }

/** What a shell, and `measured.py`, makes of a signal that ended a process. */
const SIGNALLED = 128

/** No client is slower than this, in bytes a second, unless it hangs. */
const SLOWEST = 10e6
const LEAST_BOUND_MS = 60_000

/** The time after which a run over this many bytes is given up. */
export function boundMs(bytes: number): number {
  return LEAST_BOUND_MS + (bytes / SLOWEST) * 1000
}

let count = 0

/** A program that is measured from its start to its end. It never outlives its scope. */
export class MeasuredProcess implements AsyncDisposable {
  readonly #child: Child
  readonly #lines = new EventLog<string>()
  readonly #result: string

  constructor(command: readonly string[], folder: TempFolder, env: Readonly<Record<string, string>> = {}) {
    this.#result = folder.join(`measured-${++count}.json`)
    const { prefix, env: measuringEnv } = measuring(this.#result)
    this.#child = new Child([...prefix, ...command], {
      env: { ...NEUTRAL_ENV, ...measuringEnv, ...env },
      onLine: line => this.#lines.push(line),
      killSignal: 'SIGTERM',
    })
    this.#child.exited.then(
      exit => this.#lines.end(this.#errorOf(exit)),
      error => this.#lines.end(error),
    )
  }

  /** A message together with what the program wrote last. */
  explain(message: string): string {
    return this.#child.explain(message)
  }

  get isRunning(): boolean {
    return this.#child.isRunning
  }

  /**
   * Waits for a line of its standard output.
   * @throws {RunError} where it ends before, or takes too long
   */
  async line(what: string, matches: (line: string) => boolean, withinMs = START_WITHIN_MS): Promise<string> {
    try {
      return await this.#lines.waitFor(what, matches, { withinMs })
    } catch (error) {
      if (error instanceof RunError) throw error
      throw new RunError('late', this.explain(messageOf(error)), { cause: error })
    }
  }

  /**
   * Waits until it ends by itself.
   * @throws {RunError}
   */
  async end(withinMs: number): Promise<Sample> {
    let exit: Exit
    try {
      exit = await this.#child.exit(withinMs)
    } catch (error) {
      throw new RunError('late', messageOf(error), { cause: error })
    }
    if (exit.code !== 0) throw this.#errorOf(exit)
    return await readSample(this.#result)
  }

  /**
   * Ctrl-C, and the wait for a graceful end.
   * @param allowed exit statuses that are all right, too
   * @throws {RunError}
   */
  async stop(allowed: readonly number[] = []): Promise<Sample> {
    this.#child.signal('SIGINT')
    try {
      return await this.end(STOP_WITHIN_MS)
    } catch (error) {
      const { code } = this.isRunning ? { code: undefined } : await this.#child.exited
      if (code === undefined || !allowed.includes(code)) throw error
      return await readSample(this.#result)
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#child[Symbol.asyncDispose]()
  }

  /** As a seeder, once it says where it listens; where that fails it is ended. */
  async seedingAt(port: Promise<number>): Promise<RunningSeeder> {
    try {
      return {
        port: await port,
        stop: () => this.stop(),
        explain: message => this.explain(message),
        [Symbol.asyncDispose]: () => this[Symbol.asyncDispose](),
      }
    } catch (error) {
      await this[Symbol.asyncDispose]()
      throw error
    }
  }

  #errorOf({ code, signal }: Exit): RunError {
    const isCrash = code === undefined || code > SIGNALLED
    const message = this.explain(`ended with ${code ?? signal}: ${this.#child.name}`)
    return new RunError(isCrash ? 'crashed' : 'failed', message)
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
