import { Child, type Exit } from '../../support/child.js'
import { EventLog } from '../../support/event-log.js'
import { freePort } from '../../support/ports.js'

/** Only what the test asks for: no other way to find peers, no preallocation, nothing from the user's settings. */
const COMMON = [
  '--no-conf',
  '--disable-ipv6=true',
  '--enable-dht=false',
  '--enable-dht6=false',
  '--bt-enable-lpd=false',
  '--enable-peer-exchange=false',
  '--file-allocation=none',
  '--enable-color=false',
  '--console-log-level=notice',
  '--summary-interval=0',
  `--stop-with-process=${process.pid}`,
]

const REQUIRED = ['--bt-require-crypto=true', '--bt-min-crypto-level=arc4']

export interface Aria2Options {
  /** A .torrent, or a magnet link. */
  readonly torrent: string
  readonly folder: string
  readonly host?: string
  readonly trackers?: readonly string[]
  /** Files that are downloaded, by their numbers from 1. */
  readonly select?: readonly number[]
  /** Takes and begins no connections but encrypted ones. */
  readonly requiresEncryption?: boolean
  readonly prefix?: readonly string[]
}

/** aria2 with one torrent. */
export class Aria2 implements AsyncDisposable {
  readonly child: Child
  readonly host: string
  readonly port: number
  readonly #lines = new EventLog<string>()

  private constructor(options: Aria2Options, port: number, args: readonly string[]) {
    this.host = options.host ?? '127.0.0.1'
    this.port = port
    const command = [
      'aria2c',
      ...COMMON,
      `--interface=${this.host}`,
      `--listen-port=${port}`,
      `--dir=${options.folder}`,
      ...(options.requiresEncryption ? REQUIRED : []),
      ...(options.select === undefined ? [] : [`--select-file=${options.select.join(',')}`]),
      ...(options.trackers === undefined ? [] : [`--bt-tracker=${options.trackers.join(',')}`]),
      ...args,
      options.torrent,
    ]
    this.child = new Child([...(options.prefix ?? []), ...command], {
      onLine: line => this.#lines.push(line),
    })
    const end = () => this.#lines.end(new Error(this.child.explain('aria2 has ended')))
    this.child.exited.then(end, end)
  }

  /** Checks the data in the folder and seeds it until it is stopped. */
  static async seed(options: Aria2Options): Promise<Aria2> {
    const args = ['--check-integrity=true', '--seed-ratio=0.0']
    return await Aria2.#start(options, args)
  }

  /** Downloads into the folder and ends when all is there. */
  static async get(options: Aria2Options): Promise<Aria2> {
    return await Aria2.#start(options, ['--seed-time=0'])
  }

  /** As `--peer` takes it. */
  get address(): string {
    return `${this.host}:${this.port}`
  }

  /** Waits until a download is complete and aria2 has ended. */
  async complete(withinMs?: number): Promise<void> {
    const { code, signal }: Exit = await this.child.exit(withinMs)
    if (code !== 0) throw new Error(this.child.explain(`aria2 ended with ${code ?? signal}`))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.child[Symbol.asyncDispose]()
  }

  static async #start(options: Aria2Options, args: readonly string[]): Promise<Aria2> {
    const aria2 = new Aria2(options, await freePort(), args)
    try {
      await aria2.#lines.waitFor('aria2 to listen', line => line.includes(`TCP port ${aria2.port}`))
      return aria2
    } catch (error) {
      await aria2[Symbol.asyncDispose]()
      throw error
    }
  }
}
