import { randomBytes, randomInt } from 'node:crypto'
import { Gate } from '../base/gate.js'
import { type Random, SeededRandom } from '../base/random.js'
import { VERSION } from '../base/version.js'
import { announceTransport } from '../discovery/announce-transport.js'
import type { AnnounceTransport } from '../discovery/announcer.js'
import type { FinderKind } from '../discovery/finder.js'
import { LocalDiscovery } from '../discovery/lsd/local-discovery.js'
import { systemPortProbe } from '../discovery/udp/port-probe.js'
import { UdpTrackers } from '../discovery/udp/udp-trackers.js'
import type { Metainfo } from '../protocol/metainfo/metainfo.js'
import { makePeerId } from '../protocol/peer/peer-id.js'
import type { PeerAddress } from '../protocol/peer-address.js'
import type { AnnouncedEncryption } from '../protocol/tracker/announce-request.js'
import { PathClaims } from './claims/path-claims.js'
import { DiskPool } from './disk/disk-pool.js'
import { isLocalHost } from './limits/local-host.js'
import { RateLimits } from './limits/rate-limits.js'
import { Connections, type ConnectionsOwner } from './net/connections.js'
import type { ContentSwarm } from './net/content-swarm.js'
import { EarlyConnections } from './net/early-connections.js'
import { ANNOUNCED } from './net/encryption/encryption-mode.js'
import type { PeerSnapshot } from './net/peer-snapshot.js'
import { PeerStreams } from './net/peer-streams.js'
import { Receivers } from './net/receiving/receivers.js'
import { type Swarm, wireHashList } from './net/swarm.js'
import type { AcceptedStream, Transport, TransportListener } from './net/transport.js'
import { listenOnAll, makeTransports } from './net/transports.js'
import { UdpPort } from './net/udp/udp-port.js'
import { SessionError } from './session-error.js'
import type { SessionEvent } from './session-events.js'
import { checkSessionOptions, type SessionOptions } from './session-options.js'
import { checkAddOptions } from './task/check-add-options.js'
import type { AddOptions, TaskHost } from './task/task-host.js'
import { TorrentTask } from './task/torrent-task.js'
import {
  checkIdentity,
  nameOf,
  type TorrentIdentity,
  type UnresolvedTorrent,
} from './task/unresolved-torrent.js'
import { TorrentIndex } from './torrent-index.js'

export type { SessionOptions } from './session-options.js'

const DEFAULT_MAX_PEERS = 200

/** Enough for hundreds a second, and few enough that no tracker, router or socket table suffers. */
const ANNOUNCES_AT_ONCE = 50

/** As many as there are threads to do it (libuv), and some more for what is between two calls to the system. */
const STATE_FILES_AT_ONCE = 8

/** Syncing must not take all of the system's threads, nor make a disk do everything at once. */
const SYNCS_AT_ONCE = 2

const DEFAULT_SAVE_INTERVAL_MS = 30_000

const TICK_MS = 1_000

/** Takes connections that peers begin. */
interface Arrivals {
  accept: (accepted: AcceptedStream) => void
}

/** Everything that torrents share: the port, the connections, the workers, the clock. Torrents are added to it. */
export class Session implements ConnectionsOwner, TaskHost, AsyncDisposable {
  readonly peerId: Uint8Array
  readonly trackerKey: number
  readonly announcedEncryption: AnnouncedEncryption | undefined
  readonly random: Random
  readonly pool = new DiskPool()
  readonly bind: string | undefined
  readonly maxPeers: number
  readonly limits: RateLimits
  readonly finders: readonly FinderKind[]
  readonly receivers = new Receivers(() => this.now())
  readonly announceGate = new Gate(ANNOUNCES_AT_ONCE)
  readonly stateGate = new Gate(STATE_FILES_AT_ONCE)
  readonly claims = new PathClaims()
  readonly syncGate = new Gate(SYNCS_AT_ONCE)
  readonly saveIntervalMs: number
  /** For all that speaks over datagrams; opened by the first that does. */
  readonly udpPort: UdpPort
  readonly announceTransport: AnnounceTransport
  readonly #listener: TransportListener
  readonly #udpTrackers: UdpTrackers
  readonly #localDiscovery: LocalDiscovery | undefined
  readonly #connections: Connections
  readonly #tasks = new Set<TorrentTask>()
  readonly #listeners: ((event: SessionEvent) => void)[] = []
  readonly #index = new TorrentIndex<TorrentTask>()
  readonly #limitsLocalPeers: boolean
  readonly #earlyConnections = new EarlyConnections(
    () => this.#isChecking,
    accepted => this.#connections.accept(accepted),
  )
  readonly #onRemoved = (task: TorrentTask): void => {
    if (!this.#tasks.delete(task)) return
    this.#index.delete(wireHashList(task.identity))
    this.#tell({ type: 'removed', torrent: task })
  }
  readonly #timer: NodeJS.Timeout
  #stopped: Promise<void> | undefined

  private constructor(
    transports: readonly Transport[],
    listener: TransportListener,
    arrivals: Arrivals,
    options: SessionOptions,
  ) {
    this.#listener = listener
    this.bind = options.bind
    this.udpPort = new UdpPort({ port: listener.port, bind: listener.localAddress })
    const probe = systemPortProbe(listener.localAddress)
    this.#udpTrackers = new UdpTrackers(received => this.udpPort.use('tracker', { received }), { probe })
    this.announceTransport = announceTransport(this.#udpTrackers)
    const encryption = options.encryption ?? 'prefer'
    const streams = new PeerStreams(
      encryption,
      transports,
      () => this.now(),
      mark => this.#index.findByMark(mark),
    )
    this.announcedEncryption = ANNOUNCED[encryption]
    this.maxPeers = options.maxPeers ?? DEFAULT_MAX_PEERS
    this.#connections = new Connections(this, streams, this.maxPeers)
    this.limits = new RateLimits(() => this.now(), options.limits ?? {})
    this.#localDiscovery = options.localDiscovery ? new LocalDiscovery(this) : undefined
    this.finders = [this.#localDiscovery, ...(options.finders ?? [])].filter(kind => kind !== undefined)
    this.#limitsLocalPeers = options.limitsLocalPeers ?? true
    this.saveIntervalMs = options.saveIntervalMs ?? DEFAULT_SAVE_INTERVAL_MS
    this.random = new SeededRandom(randomInt(2 ** 32))
    this.peerId = makePeerId(VERSION, { below: limit => randomInt(limit) })
    this.trackerKey = randomBytes(4).readUInt32BE()
    this.#timer = setInterval(() => this.#onSecond(), TICK_MS)
    arrivals.accept = accepted => this.#earlyConnections.take(accepted)
  }

  /**
   * Opens the port.
   * @param transports what connects it with peers, in the order in which they are tried
   * @throws {import('./option-error.js').OptionError}
   * @throws {import('../base/listen.js').ListenError}
   */
  static async open(options: SessionOptions = {}, transports = makeTransports(options)): Promise<Session> {
    checkSessionOptions(options)
    // A connection may come before there is a session to take it.
    const arrivals: Arrivals = { accept: accepted => accepted.destroy() }
    const listener = await listenOnAll(transports, accepted => arrivals.accept(accepted))
    // A name stands for the address that was listened on: what connects from here needs the address itself.
    return new Session(transports, listener, arrivals, { ...options, bind: listener.localAddress })
  }

  get port(): number {
    return this.#listener.port
  }

  get receiveMemory(): Buffer {
    return this.pool.receiveMemory
  }

  get torrents(): ReadonlySet<TorrentTask> {
    return this.#tasks
  }

  /**
   * Adds a torrent and starts it; its events tell how it goes on. Of a torrent without its metainfo that is fetched first.
   * @throws {SessionError}
   * @throws {import('./option-error.js').OptionError}
   */
  add(torrent: Metainfo | UnresolvedTorrent, options: AddOptions): TorrentTask {
    checkIdentity(torrent)
    checkAddOptions(options)
    if (this.#stopped !== undefined)
      throw new SessionError('stopped', 'the session was stopped', { name: nameOf(torrent) })
    this.#assertNew(torrent, undefined)
    const task = new TorrentTask(this, torrent, options, this.#onRemoved)
    this.#tasks.add(task)
    this.#index.add(wireHashList(torrent), task)
    task.onEvent(event => this.#tell({ type: 'torrent', torrent: task, event }))
    this.#tell({ type: 'added', torrent: task })
    // Starts later, so that the caller gets all of its events.
    queueMicrotask(() => task.start())
    return task
  }

  /** Calls a listener with all that happens from now on. It must not throw. */
  onEvent(listener: (event: SessionEvent) => void): void {
    this.#listeners.push(listener)
  }

  /** Tells the trackers, saves what is known, and closes everything. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop()
    return this.#stopped
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  // For torrents.

  resolved(identity: TorrentIdentity, metainfo: Metainfo): void {
    const [infoHash] = wireHashList(identity)
    const task = infoHash && this.#index.find(infoHash)
    if (task === undefined) return
    this.#assertNew(metainfo, task)
    this.#index.add(wireHashList(metainfo), task)
  }

  now(): number {
    return performance.now()
  }

  mayConnect(swarm: Swarm): boolean {
    return this.#connections.mayConnect(swarm)
  }

  hasPlace(swarm: Swarm): boolean {
    return this.#connections.hasPlace(swarm)
  }

  connect(swarm: Swarm, address: PeerAddress, infoHash: Uint8Array): void {
    this.#connections.connect(swarm, address, infoHash)
  }

  flushUploads(swarm: Swarm): void {
    this.#connections.flushUploads(swarm)
  }

  resumeWaiting(): void {
    this.receivers.resumeWaiting()
  }

  endConnections(swarm: Swarm): void {
    this.#connections.endAllOf(swarm)
  }

  handOver(from: Swarm, to: ContentSwarm): void {
    this.#connections.handOver(from, to)
  }

  peersOf(swarm: Swarm): readonly PeerSnapshot[] {
    return this.#connections.peersOf(swarm)
  }

  // For connections.

  get sharers(): number {
    return this.#tasks.size
  }

  isLimited({ host }: PeerAddress): boolean {
    return this.#limitsLocalPeers || !isLocalHost(host)
  }

  findSwarm(infoHash: Uint8Array): Swarm | undefined {
    return this.#index.find(infoHash)?.swarm
  }

  /** Two would write into the same files, and neither would know of the other's pieces. */
  #assertNew(identity: TorrentIdentity, own: TorrentTask | undefined): void {
    const isTaken = wireHashList(identity).some(hash => {
      const task = this.#index.find(hash)
      return task !== undefined && task !== own
    })
    const name = nameOf(identity)
    if (isTaken) throw new SessionError('duplicate', `${name}: this torrent is there already`, { name })
  }

  #tell(event: SessionEvent): void {
    for (const listener of this.#listeners) listener(event)
  }

  /** Whether a torrent is not ready for peers yet. */
  get #isChecking(): boolean {
    for (const task of this.#tasks) if (task.isChecking) return true
    return false
  }

  #onSecond(): void {
    const now = this.now()
    this.pool.onSecond(now)
    this.receivers.onSecond(now)
    this.#connections.onSecond(now)
    for (const task of this.#tasks) task.onSecond(now)
  }

  async #stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#earlyConnections[Symbol.dispose]()
    const closed = this.#listener.close()
    this.#connections.close()
    await Promise.all([...this.#tasks].map(task => task.remove()))
    this.limits[Symbol.dispose]()
    this.#udpTrackers[Symbol.dispose]()
    const closing = [this.udpPort, this.#localDiscovery].map(each => each?.[Symbol.asyncDispose]())
    await Promise.all([this.pool.close(), closed, ...closing])
  }
}
