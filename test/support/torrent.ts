import { Child, type Exit } from './child.js'
import { EventLog } from './event-log.js'
import { type EventOf, type EventType, isType, type ProgramEvent, parseEvent } from './events.js'
import { BIN } from './project.js'
import { TempFolder } from './temp-folder.js'

export interface TorrentOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string | undefined>>
  readonly input?: string | Uint8Array
  /** Folder of the resume state; without it, one of its own that is removed at the end. */
  readonly state?: string
  /** Put before the command, to run it elsewhere (a network of the test's own). */
  readonly prefix?: readonly string[]
}

/** `torrent` as a user runs it: the real program in a process of its own. */
export class TorrentProcess implements AsyncDisposable {
  readonly child: Child
  /** What it wrote with `--json`. */
  readonly events = new EventLog<ProgramEvent>()
  readonly #state: TempFolder | undefined

  constructor(args: readonly string[], options: TorrentOptions = {}) {
    this.#state = options.state === undefined ? new TempFolder() : undefined
    const isJson = args.includes('--json')
    this.child = new Child([...(options.prefix ?? []), process.execPath, BIN, ...args], {
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      ...(options.input === undefined ? {} : { input: options.input }),
      env: { FORCE_COLOR: undefined, XDG_STATE_HOME: options.state ?? this.#state?.path, ...options.env },
      onLine: line => {
        const event = isJson ? parseEvent(line) : undefined
        if (event !== undefined) this.events.push(event)
      },
    })
    this.child.exited.then(
      ({ code, signal }) =>
        this.events.end(new Error(this.child.explain(`torrent ended early: ${code ?? signal}`))),
      error => this.events.end(error),
    )
  }

  /** The first event of a type that matches. */
  async waitFor<Type extends EventType>(
    type: Type,
    matches: (event: EventOf<Type>) => boolean = () => true,
    options: { withinMs?: number; after?: number } = {},
  ): Promise<EventOf<Type>> {
    const isRight = isType(type)
    try {
      const event = await this.events.waitFor(type, event => isRight(event) && matches(event), options)
      if (isRight(event)) return event
      throw new Error(`not ${type}`)
    } catch (error) {
      throw new Error(this.child.explain(`no \`${type}\` from torrent`), { cause: error })
    }
  }

  /** The last event of a type so far. */
  last<Type extends EventType>(type: Type): EventOf<Type> | undefined {
    return this.events.all.findLast(isType(type))
  }

  async exit(withinMs?: number): Promise<Exit> {
    return await this.child.exit(withinMs)
  }

  /** Ctrl-C, and the wait for a graceful end. */
  async stop(): Promise<Exit> {
    return await this.child.stop('SIGINT')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.child[Symbol.asyncDispose]()
    await this.#state?.[Symbol.asyncDispose]()
  }
}

export function torrent(args: readonly string[], options?: TorrentOptions): TorrentProcess {
  return new TorrentProcess(args, options)
}

export interface FinishedTorrent {
  readonly code: number | undefined
  readonly stdout: string
  readonly stderr: string
  readonly events: readonly ProgramEvent[]
  /** For a failed assertion: everything that says why. */
  readonly story: string
}

/** Runs `torrent` to its end. */
export async function runTorrent(
  args: readonly string[],
  options: TorrentOptions & { withinMs?: number } = {},
): Promise<FinishedTorrent> {
  await using process = torrent(args, options)
  const { code, signal } = await process.exit(options.withinMs)
  return {
    code,
    stdout: process.child.stdout,
    stderr: process.child.stderr,
    events: process.events.all,
    story: process.child.explain(`torrent ${args.join(' ')} ended with ${code ?? signal}`),
  }
}

/** Runs `torrent` where it must succeed. */
export async function mustRun(args: readonly string[], options?: TorrentOptions): Promise<FinishedTorrent> {
  const finished = await runTorrent(args, options)
  if (finished.code !== 0) throw new Error(finished.story)
  return finished
}
