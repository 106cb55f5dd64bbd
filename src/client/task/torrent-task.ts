import type { FinderReport } from '../../discovery/finders.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import { TorrentLimits } from '../limits/rate-limits.js'
import type { PeerFailure } from '../net/named-peers.js'
import type { Swarm } from '../net/swarm.js'
import { EventTeller } from './event-teller.js'
import { countsSeedingTime } from './goals.js'
import { SessionTally } from './session-tally.js'
import type { AddOptions, TaskHost } from './task-host.js'
import { contentOf, isEnded, liveState } from './task-state.js'
import { statusOf } from './task-status.js'
import type { TorrentEvent, TorrentStatus } from './torrent-events.js'
import { TorrentLife } from './torrent-life.js'
import type { TorrentIdentity, UnresolvedTorrent } from './unresolved-torrent.js'

/** One torrent of a session, from when it is added until it is removed. `TorrentLife` has its states. */
export class TorrentTask {
  readonly limits: TorrentLimits
  readonly #host: TaskHost
  readonly #teller = new EventTeller()
  readonly #tally: SessionTally
  readonly #life: TorrentLife
  readonly #torrent: Metainfo | UnresolvedTorrent
  readonly #onRemoved: (task: TorrentTask) => void

  /** @param onRemoved called once it has left the session for good */
  constructor(
    host: TaskHost,
    torrent: Metainfo | UnresolvedTorrent,
    options: AddOptions,
    onRemoved: (task: TorrentTask) => void,
  ) {
    this.#torrent = torrent
    this.#onRemoved = onRemoved
    this.limits = new TorrentLimits(host.limits, options.limits ?? {})
    this.#host = host
    this.#tally = new SessionTally(host, countsSeedingTime(options.goals ?? {}))
    const parts = { host, options, limits: this.limits, teller: this.#teller, tally: this.#tally }
    this.#life = new TorrentLife(parts, torrent)
  }

  /** All that is known of it: the metainfo, once that is there. */
  get identity(): TorrentIdentity {
    return this.metainfo ?? this.#torrent
  }

  /** Undefined where the torrent was added by its info hash, until the event `checking`. */
  get metainfo(): Metainfo | undefined {
    return contentOf(this.#life.state)?.metainfo
  }

  /** Where the file or folder lies; under its name on the disk as soon as that is known. Undefined as `metainfo` is. */
  get contentPath(): string | undefined {
    return contentOf(this.#life.state)?.storage.contentPath
  }

  /** What connections join; undefined while nobody is let in. */
  get swarm(): Swarm | undefined {
    const { state } = this.#life
    if (isEnded(state)) return undefined
    return state.type === 'active' ? state.joined.swarm : state.fetch?.swarm
  }

  /** Whether it is not known yet what is there. */
  get isChecking(): boolean {
    return this.#life.state.type === 'checking'
  }

  get status(): TorrentStatus {
    return statusOf(this.#life.state, this.#tally, this.#host.now())
  }

  /** Those of the peers named in the options with which there is no connection, as far as they were tried. */
  get peerFailures(): readonly PeerFailure[] {
    const live = liveState(this.#life.state)
    const swarm = live.type === 'active' ? live.joined.swarm : live.fetch?.swarm
    return swarm?.namedPeers.failures ?? []
  }

  /** What finds peers, and how it stands; empty until the metainfo is fetched, or the data was checked. */
  get finders(): readonly FinderReport[] {
    const live = liveState(this.#life.state)
    const finders = live.type === 'active' ? live.joined.finders : live.fetch?.finders.all
    return finders?.status ?? []
  }

  /** Whatever was to follow the completed download has been done: later sessions know it by `status`. */
  completionHandled(): void {
    this.#life.completionHandled()
  }

  onEvent(listener: (event: TorrentEvent) => void): void {
    this.#teller.onEvent(listener)
  }

  start(): void {
    this.#life.start()
  }

  /** Tells the trackers, ends the connections, saves what is known and closes the files. */
  async remove(): Promise<void> {
    await this.#life.stop()
    this.#onRemoved(this)
  }

  /** Once a second; `now` in ms of the session's clock. */
  onSecond(now: number): void {
    this.#life.onSecond(now)
  }
}
