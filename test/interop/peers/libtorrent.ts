import { join } from 'node:path'
import { Child } from '../../support/child.js'
import type { ContentFile } from '../../support/content.js'
import { EventLog } from '../../support/event-log.js'
import { PYTHON } from '../../support/partners.js'
import { PROJECT } from '../../support/project.js'

const DRIVER = join(PROJECT, 'test', 'interop', 'libtorrent', 'driver.py')
const ANSWER_WITHIN_MS = 90_000

export interface LibtorrentOptions {
  /** Address it listens on, at any free port. */
  readonly host?: string
  /**
   * `default` tries an encrypted connection first, as users' clients do; the last three are what may follow an encrypted handshake
   * without which there is no connection, in or out.
   */
  readonly encryption?: 'default' | 'off' | 'plaintext' | 'rc4' | 'both'
  /** Bytes per second, to all peers together. */
  readonly uploadLimit?: number
  readonly prefix?: readonly string[]
  /** Whether it looks for peers in the local network (BEP 14). */
  readonly usesLocalDiscovery?: boolean
}

export interface InfoHashes {
  readonly infoHashV1: string | null
  readonly infoHashV2: string | null
}

export interface LibtorrentMetainfo extends InfoHashes {
  readonly name: string
  readonly pieceLength: number
  readonly pieceCount: number
  readonly files: readonly ContentFile[]
}

export interface LibtorrentStatus {
  readonly type: 'status'
  readonly torrent: number
  readonly state: string
  readonly isComplete: boolean
  /** Bytes of blocks. */
  readonly downloaded: number
  readonly uploaded: number
  readonly peers: number
  readonly error: string
}

export interface LibtorrentAlert {
  readonly type: 'alert'
  readonly what: string
  readonly message: string
}

interface Answer {
  readonly id: number
  readonly result?: unknown
  readonly error?: string
}

/** A session of libtorrent in a process of its own; `driver.py` says what it can be told. */
export class Libtorrent implements AsyncDisposable {
  readonly child: Child
  readonly reports = new EventLog<LibtorrentStatus | LibtorrentAlert>()
  readonly host: string
  readonly #answers = new EventLog<Answer>()
  #lastId = 0
  #port = 0

  private constructor(options: LibtorrentOptions) {
    this.host = options.host ?? '127.0.0.1'
    const settings = {
      listen: this.host.includes(':') ? `[${this.host}]:0` : `${this.host}:0`,
      encryption: options.encryption ?? 'default',
      lsd: options.usesLocalDiscovery ?? false,
      ...(options.uploadLimit === undefined ? {} : { upload_limit: options.uploadLimit }),
    }
    this.child = new Child([...(options.prefix ?? []), PYTHON, DRIVER, JSON.stringify(settings)], {
      interactive: true,
      onLine: line => this.#read(line),
    })
    const end = () => {
      const reason = new Error(this.child.explain('libtorrent has ended'))
      this.reports.end(reason)
      this.#answers.end(reason)
    }
    this.child.exited.then(end, end)
  }

  static async start(options: LibtorrentOptions = {}): Promise<Libtorrent> {
    const libtorrent = new Libtorrent(options)
    const { port } = await libtorrent.#ask<{ port: number }>('port')
    libtorrent.#port = port
    return libtorrent
  }

  /** As `--peer` takes it. */
  get address(): string {
    return `${this.host}:${this.#port}`
  }

  async make(options: {
    path: string
    out: string
    format: 'v1' | 'v2' | 'hybrid'
    pieceLength?: number
    trackers?: readonly string[]
  }): Promise<InfoHashes> {
    const { pieceLength, ...others } = options
    return await this.#ask('make', { ...others, piece_length: pieceLength ?? 0 })
  }

  async describe(torrent: string): Promise<LibtorrentMetainfo> {
    return await this.#ask('describe', { torrent })
  }

  /** The full check of data on disk: pieces verified, and how many there are. */
  async check(torrent: string, folder: string): Promise<{ verified: number; of: number; error: string }> {
    return await this.#ask('check', { torrent, folder })
  }

  /** Starts a torrent, of a .torrent or a magnet link; `seed` trusts the data in `folder`. Returns its number in this session. */
  async add(options: {
    torrent?: string
    magnet?: string
    folder: string
    seed?: boolean
    trackers?: readonly string[]
    /** Bytes per second up, and as many down. */
    rate?: number
  }): Promise<number> {
    const { torrent } = await this.#ask<{ torrent: number }>('add', options)
    return torrent
  }

  async connect(torrent: number, host: string, port: number): Promise<void> {
    await this.#ask('connect', { torrent, host, port })
  }

  /** The connected peers; `client` is empty until the peer's extension handshake. */
  async peers(torrent: number): Promise<{ address: string; client: string }[]> {
    return await this.#ask('peers', { torrent })
  }

  /** Waits until a torrent has all its data. */
  async complete(torrent: number, withinMs = 60_000): Promise<LibtorrentStatus> {
    const report = await this.reports.waitFor(
      'the end of the download in libtorrent',
      report => report.type === 'status' && report.torrent === torrent && report.isComplete,
      { withinMs },
    )
    if (report.type !== 'status') throw new Error('not a status')
    return report
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.child[Symbol.asyncDispose]()
  }

  async #ask<Result>(command: string, fields: object = {}): Promise<Result> {
    const id = ++this.#lastId
    this.child.write(`${JSON.stringify({ id, do: command, ...fields })}\n`)
    const answer = await this.#answers.waitFor(
      `libtorrent's answer to ${command}`,
      answer => answer.id === id,
      { withinMs: ANSWER_WITHIN_MS },
    )
    if (answer.error !== undefined) throw new Error(`libtorrent: ${command}: ${answer.error}`)
    return answer.result as Result
  }

  #read(line: string): void {
    const value = JSON.parse(line) as Answer | LibtorrentStatus | LibtorrentAlert
    if ('id' in value) this.#answers.push(value)
    else this.reports.push(value)
  }
}
