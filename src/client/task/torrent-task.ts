import type { FinderReport } from '../../discovery/finders.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import { TorrentLimits } from '../limits/rate-limits.js'
import type { PeerFailure } from '../net/named-peers.js'
import type { PeerSnapshot } from '../net/peer-snapshot.js'
import type { Swarm } from '../net/swarm.js'
import { EventTeller } from './event-teller.js'
import { checkPageRange, type FilePage, fileSnapshots, NO_FILES, type PageRange } from './file-snapshots.js'
import { countsSeedingTime } from './goals.js'
import { SessionTally } from './session-tally.js'
import type { CommandOutcome } from './task-commands.js'
import type { AddOptions, TaskHost } from './task-host.js'
import { activeState, contentOf, fetchOf, isEnded } from './task-state.js'
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

  /** The swarm that connections join; undefined while there are none. */
  get swarm(): Swarm | undefined {
    const { state } = this.#life
    if (isEnded(state) || state.type === 'paused') return undefined
    return state.type === 'active' ? state.joined.swarm : state.fetch?.swarm
  }

  /** Whether it is not known yet what is there: of the content, or of a metainfo that an earlier session kept. */
  get isChecking(): boolean {
    const { state } = this.#life
    return state.type === 'checking' || (state.type === 'metadata' && state.fetch === undefined)
  }

  get status(): TorrentStatus {
    return statusOf(this.#life.state, this.#tally, this.#host.now())
  }

  /** Those of the peers named in the options with which there is no connection, as far as they were tried. */
  get peerFailures(): readonly PeerFailure[] {
    const { state } = this.#life
    const swarm = activeState(state)?.joined.swarm ?? fetchOf(state)?.swarm
    return swarm?.namedPeers.failures ?? []
  }

  /** The finders of peers, and how they stand; empty until the metainfo is fetched, or the data was checked. */
  get finders(): readonly FinderReport[] {
    const { state } = this.#life
    return activeState(state)?.joined.finders ?? fetchOf(state)?.finders.all.status ?? []
  }

  /**
   * Its connected peers as they stand now, put together for each call; takes a step for each connection of the session. Empty while
   * it has no connections: paused or ended, or being checked, where the metainfo did not come from peers.
   */
  peers(): readonly PeerSnapshot[] {
    const { swarm } = this
    return swarm === undefined ? [] : this.#host.peersOf(swarm)
  }

  /**
   * Its files as they stand now, a page at a time, put together for each call. Empty until the metainfo is known; how much is verified
   * is known once the content was checked.
   * @throws {import('../option-error.js').OptionError}
   */
  files(range: PageRange = {}): FilePage {
    checkPageRange(range)
    const { state } = this.#life
    const content = contentOf(state)
    const have = activeState(state)?.joined.wanted.have
    return content === undefined ? NO_FILES : fileSnapshots(content, have, range)
  }

  /** Whatever was to follow the completed download has been done: later sessions know it by `status`. */
  completionHandled(): void {
    this.#life.commands.completionHandled()
  }

  onEvent(listener: (event: TorrentEvent) => void): void {
    this.#teller.onEvent(listener)
  }

  /**
   * Ends its connections, tells its trackers that it leaves, and syncs and saves what came; resolves when that is done. Its paths on
   * the disk stay its own.
   * @throws {CommandError} `ended`
   */
  async pause(): Promise<CommandOutcome> {
    return await this.#life.commands.pause()
  }

  /**
   * Goes on from where it was paused; what was being checked is checked from its beginning.
   * @throws {CommandError} `ended`
   */
  async resume(): Promise<CommandOutcome> {
    return await this.#life.commands.resume()
  }

  /**
   * Hashes all content anew, and goes on with what is there; where it is paused it stays so. Resolves when the check has begun; as at
   * the start, content that is not complete is an error in `seed`.
   * @throws {CommandError} `ended`, `no-metainfo`
   */
  async recheck(): Promise<CommandOutcome> {
    return await this.#life.commands.recheck()
  }

  /**
   * Peers to connect to, at once or as soon as there may be connections.
   * @throws {CommandError} `ended`
   * @throws {import('../option-error.js').OptionError}
   */
  addPeers(peers: readonly PeerAddress[]): void {
    this.#life.commands.addPeers(peers)
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
