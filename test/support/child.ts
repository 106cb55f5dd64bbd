import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { atExit } from './at-exit.js'
import { within } from './deadline.js'

const GRACE_MS = 15_000
/** Standard error kept for messages, in characters. */
const KEPT = 64 * 1024

export interface ChildOptions {
  readonly cwd?: string
  /** Added to this process's environment; undefined takes a name out. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** All of the standard input; without it, it is an empty one. */
  readonly input?: string | Uint8Array
  /** Leaves the standard input open for `Child.write`. */
  readonly interactive?: boolean
  /** Called with every line of standard output, which is kept too. */
  readonly onLine?: (line: string) => void
  /** The same for standard error, of which only the end is kept. */
  readonly onErrorLine?: (line: string) => void
  /** What ends it at the end of its scope: SIGKILL, unless it is to take children of its own along. */
  readonly killSignal?: NodeJS.Signals
}

export interface Exit {
  /** Undefined when a signal ended it. */
  readonly code: number | undefined
  readonly signal: string | undefined
}

/** A program that runs beside the test; at the end of its scope it has ended, by its id, whatever happened. */
export class Child implements AsyncDisposable {
  readonly name: string
  readonly lines: string[] = []
  /** Resolves when it has ended and all it wrote has been read. */
  readonly exited: Promise<Exit>
  #stderr = ''
  #isRunning = true
  readonly #process: ChildProcess
  readonly #killSignal: NodeJS.Signals

  /** `command` is the program and its arguments. */
  constructor(command: readonly string[], options: ChildOptions = {}) {
    const [program = '', ...args] = command
    this.name = [program, ...args].join(' ')
    this.#killSignal = options.killSignal ?? 'SIGKILL'
    const stdin = options.interactive || options.input !== undefined ? 'pipe' : 'ignore'
    this.#process = spawn(program, args, {
      cwd: options.cwd,
      env: childEnv(options.env),
      stdio: [stdin, 'pipe', 'pipe'],
    })
    const forget = atExit(() => this.#process.kill(this.#killSignal))
    this.exited = this.#collect(options).finally(() => {
      this.#isRunning = false
      forget()
    })
    // A caller that awaits it gets the failure; if none does, it is no unhandled rejection.
    this.exited.catch(() => {})
    // A child may end before it has read its input.
    this.#process.stdin?.on('error', () => {})
    if (options.input !== undefined) this.#process.stdin?.end(options.input)
  }

  get pid(): number {
    const { pid } = this.#process
    if (pid === undefined) throw new Error(`did not start: ${this.name}`)
    return pid
  }

  get isRunning(): boolean {
    return this.#isRunning
  }

  get stdout(): string {
    return this.lines.map(line => `${line}\n`).join('')
  }

  /** The last 64 KiB. */
  get stderr(): string {
    return this.#stderr
  }

  write(text: string): void {
    this.#process.stdin?.write(text)
  }

  signal(name: NodeJS.Signals): void {
    this.#process.kill(name)
  }

  /** Waits until it ends by itself. */
  async exit(withinMs = 60_000): Promise<Exit> {
    return await within(withinMs, `the end of ${this.name}`, this.exited).catch((error: unknown) => {
      throw new Error(this.explain(String(error)), { cause: error })
    })
  }

  /** Asks it to end and waits until it has. */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<Exit> {
    this.signal(signal)
    return await this.exit(GRACE_MS)
  }

  /** A message together with what the program wrote last. */
  explain(message: string): string {
    const tail = [...this.lines.slice(-8), ...this.#stderr.trimEnd().split('\n').slice(-8)]
    return [message, ...tail.filter(line => line !== '').map(line => `  | ${line}`)].join('\n')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#isRunning) return
    this.signal(this.#killSignal)
    await this.exit(GRACE_MS)
  }

  async #collect({ onLine, onErrorLine }: ChildOptions): Promise<Exit> {
    const { stdout, stderr } = this.#process
    if (stdout === null || stderr === null) throw new Error(`no pipes to ${this.name}`)
    createInterface({ input: stdout, crlfDelay: Number.POSITIVE_INFINITY }).on('line', line => {
      this.lines.push(line)
      onLine?.(line)
    })
    if (onErrorLine !== undefined) createInterface({ input: stderr }).on('line', onErrorLine)
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-KEPT)
    })
    return await new Promise<Exit>((resolve, reject) => {
      this.#process.on('error', reject)
      this.#process.on('close', (code, signal) =>
        resolve({ code: code ?? undefined, signal: signal ?? undefined }),
      )
    })
  }
}

/** A program under test is no test: the runner's own variable stays out of it. What is loaded before each program stays in. */
function childEnv(env: ChildOptions['env'] = {}): NodeJS.ProcessEnv {
  const preloads = [process.env.NODE_OPTIONS, env.NODE_OPTIONS].filter(options => options !== undefined)
  const merged = preloads.length > 0 ? { NODE_OPTIONS: preloads.join(' ') } : {}
  return { ...process.env, NODE_TEST_CONTEXT: undefined, ...env, ...merged }
}

export interface Finished {
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end. */
export async function run(
  command: readonly string[],
  options: ChildOptions & { withinMs?: number } = {},
): Promise<Finished> {
  await using child = new Child(command, options)
  const { code } = await child.exit(options.withinMs)
  return { code, stdout: child.stdout, stderr: child.stderr }
}
