import { Session } from '../../client/session.js'
import type { TorrentTask } from '../../client/task/torrent-task.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import type {
  AddOptions,
  PeerFailure,
  SessionOptions,
  SessionPort,
  TorrentEvent,
  TorrentPort,
  TorrentStatus,
  UnresolvedTorrent,
} from './session-port.js'

/** A session in this process, which ends with the command. */
export class LocalSession implements SessionPort {
  readonly #session: Session
  readonly #torrents = new WeakMap<TorrentTask, LocalTorrent>()

  private constructor(session: Session) {
    this.#session = session
    session.onEvent(event => {
      if (event.type === 'torrent') this.#torrents.get(event.torrent)?.tell(event.event)
    })
  }

  /** Throws `ListenError`, `OptionError`. */
  static async open(options: SessionOptions): Promise<LocalSession> {
    return new LocalSession(await Session.open(options))
  }

  async add(torrent: Metainfo | UnresolvedTorrent, options: AddOptions): Promise<TorrentPort> {
    const task = this.#session.add(torrent, options)
    const added = new LocalTorrent(torrent, task)
    this.#torrents.set(task, added)
    return added
  }

  async stop(): Promise<void> {
    await this.#session.stop()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}

class LocalTorrent implements TorrentPort {
  readonly torrent: Metainfo | UnresolvedTorrent
  readonly #task: TorrentTask
  /** Events without a listener yet: the task starts before its caller has this object. */
  #early: TorrentEvent[] = []
  #listener: (event: TorrentEvent) => void = event => void this.#early.push(event)

  constructor(torrent: Metainfo | UnresolvedTorrent, task: TorrentTask) {
    this.torrent = torrent
    this.#task = task
  }

  tell(event: TorrentEvent): void {
    this.#listener(event)
  }

  get status(): TorrentStatus {
    return this.#task.status
  }

  get peerFailures(): readonly PeerFailure[] {
    return this.#task.peerFailures
  }

  onEvent(listener: (event: TorrentEvent) => void): void {
    this.#listener = listener
    for (const event of this.#early) listener(event)
    this.#early = []
  }

  completionHandled(): void {
    this.#task.completionHandled()
  }

  async remove(): Promise<void> {
    await this.#task.remove()
  }
}
