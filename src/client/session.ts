import { randomBytes, randomInt } from 'node:crypto'
import type net from 'node:net'
import { CodedError } from '../base/errors.js'
import { isWithinShare } from '../base/fair-share.js'
import { Gate } from '../base/gate.js'
import { debugLog } from '../base/log.js'
import { type Random, SeededRandom } from '../base/random.js'
import { VERSION } from '../base/version.js'
import type { Peer } from '../engine/peer.js'
import type { Metainfo } from '../protocol/metainfo/metainfo.js'
import { makePeerId } from '../protocol/peer/peer-id.js'
import { canonicalHost, type PeerAddress } from '../protocol/peer-address.js'
import type { AnnouncedEncryption } from '../protocol/tracker/announce-request.js'
import { PathClaims } from './claims/path-claims.js'
import { DiskPool } from './disk/disk-pool.js'
import { isLocalHost } from './limits/local-host.js'
import { RateLimits, type Rates } from './limits/rate-limits.js'
import { Connection, type ConnectionHost } from './net/connection.js'
import { countConnections } from './net/connection-count.js'
import type { BlockPlace } from './net/downloads.js'
import { ANNOUNCED, type EncryptionMode } from './net/encryption/encryption-mode.js'
import { FlushQueue } from './net/flush-queue.js'
import { type Listener, listen } from './net/listener.js'
import { PeerStreams } from './net/peer-streams.js'
import { type Swarm, wireHashes } from './net/swarm.js'
import { WaitingRoom } from './net/waiting-room.js'
import type { AddOptions, TaskHost } from './task/task-host.js'
import { TorrentTask } from './task/torrent-task.js'
import { TorrentIndex } from './torrent-index.js'

const debug = debugLog('client')

export interface SessionOptions {
  /** Where peers reach us. Undefined: 6881 to 6889, or any that is free; 0: any. */
  readonly port?: number | undefined
  /** The local address for all connections. */
  readonly bind?: string | undefined
  /** Connections of all torrents together. */
  readonly maxPeers?: number | undefined
  /** Of connections with peers; default `prefer`. */
  readonly encryption?: EncryptionMode | undefined
  /** Of all torrents together. */
  readonly limits?: Rates | undefined
  /**
   * Whether limits, those of torrents too, hold for peers on this machine and in its own network: they do unless said
   * otherwise, since a limit that is set and does not hold is a surprise.
   */
  readonly limitsLocalPeers?: boolean | undefined
}

export type SessionErrorCode = 'duplicate' | 'stopped'

/** A torrent that the session does not take. */
export class SessionError extends CodedError<SessionErrorCode, { name: string }> {}

const DEFAULT_MAX_PEERS = 200

/** Connections beyond the limit that are heard: one of a higher priority takes another's place (BEP 40). */
const SURPLUS = 10

/** Connections that are being begun at a time, so that no router chokes on them. */
const MAX_HALF_OPEN = 50

/** Enough for hundreds a second, and few enough that no tracker, router or socket table suffers. */
const ANNOUNCES_AT_ONCE = 50

/** As many as there are threads to do it (libuv), and some more for what is between two calls to the system. */
const STATE_FILES_AT_ONCE = 8

const TICK_MS = 1_000

/** Everything that torrents share: the port, the connections, the workers, the clock. Torrents are added to it. */
export class Session implements ConnectionHost, TaskHost, AsyncDisposable {
  readonly peerId: Uint8Array
  readonly trackerKey: number
  readonly announcedEncryption: AnnouncedEncryption | undefined
  readonly random: Random
  readonly pool: DiskPool
  readonly bind: string | undefined
  readonly maxPeers: number
  readonly limits: RateLimits
  readonly announceGate = new Gate(ANNOUNCES_AT_ONCE)
  readonly stateGate = new Gate(STATE_FILES_AT_ONCE)
  readonly claims = new PathClaims()
  readonly #listener: Listener
  readonly #streams: PeerStreams
  readonly #tasks = new Set<TorrentTask>()
  readonly #index = new TorrentIndex<TorrentTask>()
  readonly #connections = new Set<Connection>()
  readonly #flushes = new FlushQueue()
  readonly #limitsLocalPeers: boolean
  readonly #waitingRoom = new WaitingRoom(this.#connections)
  readonly #timer: NodeJS.Timeout
  #stopped: Promise<void> | undefined

  private constructor(
    listener: Listener,
    pool: DiskPool,
    accept: { connection: (socket: net.Socket) => void },
    options: SessionOptions,
  ) {
    this.#listener = listener
    this.pool = pool
    this.bind = options.bind
    const encryption = options.encryption ?? 'prefer'
    this.#streams = new PeerStreams(encryption, options.bind, mark => this.#index.findByMark(mark))
    this.announcedEncryption = ANNOUNCED[encryption]
    this.maxPeers = options.maxPeers ?? DEFAULT_MAX_PEERS
    this.limits = new RateLimits(() => this.now(), options.limits ?? {})
    this.#limitsLocalPeers = options.limitsLocalPeers ?? true
    this.random = new SeededRandom(randomInt(2 ** 32))
    this.peerId = makePeerId(VERSION, { below: limit => randomInt(limit) })
    this.trackerKey = randomBytes(4).readUInt32BE()
    this.#timer = setInterval(() => this.#onSecond(), TICK_MS)
    accept.connection = socket => this.#accept(socket)
  }

  /**
   * Opens the port.
   * @throws {import('../base/listen.js').ListenError}
   */
  static async open(options: SessionOptions = {}): Promise<Session> {
    // A connection may come before there is a session to take it.
    const accept = { connection: (socket: net.Socket): void => void socket.destroy() }
    const listener = await listen({ port: options.port, bind: options.bind }, socket =>
      accept.connection(socket),
    )
    return new Session(listener, new DiskPool(), accept, options)
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
   * Adds a torrent and starts it; its events tell how it goes on.
   * @throws {SessionError}
   */
  add(metainfo: Metainfo, options: AddOptions): TorrentTask {
    const { name } = metainfo
    if (this.#stopped !== undefined) throw new SessionError('stopped', 'the session was stopped', { name })
    const { v1, v2 } = wireHashes(metainfo)
    const infoHashes = [v1, v2].filter(hash => hash !== undefined)
    // Two would write into the same files, and neither would know of the other's pieces.
    if (infoHashes.some(hash => this.#index.find(hash) !== undefined))
      throw new SessionError('duplicate', `${name}: this torrent is there already`, { name })
    const task: TorrentTask = new TorrentTask(this, metainfo, options, () => {
      this.#tasks.delete(task)
      this.#index.delete(infoHashes)
    })
    this.#tasks.add(task)
    this.#index.add(infoHashes, task)
    // Whoever adds it is to hear all of it.
    queueMicrotask(() => task.start())
    return task
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

  now(): number {
    return performance.now()
  }

  mayConnect(swarm: Swarm): boolean {
    const { all, own, halfOpen, ownHalfOpen } = countConnections(this.#connections, swarm)
    const sharers = this.#tasks.size
    return (
      this.#stopped === undefined &&
      isWithinShare({ own, all, limit: this.maxPeers, sharers }) &&
      isWithinShare({ own: ownHalfOpen, all: halfOpen, limit: MAX_HALF_OPEN, sharers })
    )
  }

  hasPlace(swarm: Swarm): boolean {
    const { all, own } = countConnections(this.#connections, swarm)
    return isWithinShare({ own, all, limit: this.maxPeers, sharers: this.#tasks.size })
  }

  connect(swarm: Swarm, address: PeerAddress, infoHash: Uint8Array): void {
    const connection = new Connection(this, address, { swarm, infoHash }, listener =>
      this.#streams.connect(address, infoHash, listener),
    )
    this.#connections.add(connection)
  }

  flushUploads(swarm: Swarm): void {
    for (const connection of this.#connections)
      if (connection.isUploadingFrom(swarm)) this.flushSoon(connection)
  }

  resumeWaiting(): void {
    this.#waitingRoom.resume()
  }

  endConnections(swarm: Swarm): void {
    for (const connection of this.#connections) if (connection.isOf(swarm)) connection.end('torrent stopped')
  }

  // For connections.

  isLimited({ host }: PeerAddress): boolean {
    return this.#limitsLocalPeers || !isLocalHost(host)
  }

  findSwarm(infoHash: Uint8Array): Swarm | undefined {
    return this.#index.find(infoHash)?.swarm
  }

  flushSoon(connection: Connection): void {
    this.#flushes.add(connection)
  }

  waitForRoom(connection: Connection): void {
    this.#waitingRoom.add(connection, this.now())
  }

  takeOver({ piece, offset, peer, swarm }: BlockPlace & { peer: Peer; swarm: Swarm }): boolean {
    for (const connection of this.#connections) {
      const other = connection.arriving
      if (other?.swarm !== swarm || other.piece !== piece || other.offset !== offset) continue
      if (!swarm.torrent.downloader.yields(other.peer, peer)) return false
      connection.giveUpBlock()
      return true
    }
    return false
  }

  closed(connection: Connection): void {
    this.#connections.delete(connection)
    this.#waitingRoom.delete(connection)
  }

  #accept(socket: net.Socket): void {
    const host = canonicalHost(socket.remoteAddress ?? '')
    const isFull = this.#connections.size >= this.maxPeers + SURPLUS
    if (host === undefined || this.#stopped !== undefined || (isFull && !this.#endOldestSilent())) {
      socket.destroy()
      return
    }
    const remote = { host, port: socket.remotePort ?? 0 }
    debug('%s:%d connected', remote.host, remote.port)
    const connection = new Connection(this, remote, undefined, listener =>
      this.#streams.accept(socket, remote, listener),
    )
    this.#connections.add(connection)
  }

  /** Makes room for a newcomer: of those that have not shaken hands yet, the one that waits longest goes. */
  #endOldestSilent(): boolean {
    for (const connection of this.#connections) {
      if (!connection.isSilent) continue
      connection.end('a newcomer takes its place')
      return true
    }
    return false
  }

  #onSecond(): void {
    const now = this.now()
    this.pool.onSecond(now)
    this.#waitingRoom.onSecond(now)
    for (const connection of this.#connections) connection.onSecond(now)
    for (const task of this.#tasks) task.onSecond(now)
  }

  async #stop(): Promise<void> {
    clearInterval(this.#timer)
    const closed = this.#listener.close()
    await Promise.all([...this.#tasks].map(task => task.remove()))
    for (const connection of this.#connections) connection.end('session stopped')
    this.limits[Symbol.dispose]()
    await Promise.all([this.pool.close(), closed])
  }
}
