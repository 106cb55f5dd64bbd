import path from 'node:path'
import type { Bitfield } from '../../base/bitfield.js'
import { CodedError, reasonOf } from '../../base/errors.js'
import { debugLog } from '../../base/log.js'
import type { FinderReport } from '../../discovery/finders.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import { PieceHashes } from '../../protocol/metainfo/piece-hashes.js'
import type { PathClaim } from '../claims/path-claims.js'
import type { DiskError } from '../disk/disk-error.js'
import type { StorageOptions } from '../disk/layout.js'
import type { HashedBytes } from '../disk/messages.js'
import { changedNamesInWords } from '../disk/names/changed-names.js'
import type { Storage } from '../disk/storage.js'
import { TorrentLimits } from '../limits/rate-limits.js'
import type { ContentSwarm } from '../net/content-swarm.js'
import type { PeerFailure } from '../net/named-peers.js'
import { ResumeKeeper } from '../resume/resume-keeper.js'
import { ContentCare, type ContentCareOwner } from './content-care.js'
import { EventTeller } from './event-teller.js'
import type { EarlierState } from './existing-data.js'
import { joinParts, namePeers, type Running, type RunningOwner } from './running.js'
import { SessionTally } from './session-tally.js'
import { Stopping } from './stopping.js'
import { takePlace } from './take-place.js'
import { takeStock } from './take-stock.js'
import type { AddOptions, TaskHost } from './task-host.js'
import type { TorrentEvent, TorrentState, TorrentStatus, Verified } from './torrent-events.js'

const debug = debugLog('client')

/**
 * The life of one torrent in a session: check what is there, download, verify the whole, seed, stop. It joins the
 * engine's torrent to the session's sockets and workers.
 */
export class TorrentTask {
  readonly metainfo: Metainfo
  readonly limits: TorrentLimits
  /** Absolute path of the folder that holds it. */
  readonly #dir: string
  readonly #host: TaskHost
  readonly #options: AddOptions
  readonly #hashes: PieceHashes
  readonly #storage: Storage
  readonly #resume: ResumeKeeper
  readonly #tally: SessionTally
  /** Made when it is needed: most torrents that are seeded never need it. */
  #contentCare: ContentCare | undefined
  readonly #onRemoved: () => void
  readonly #stopping = new Stopping()
  readonly #teller = new EventTeller()
  #state: TorrentState = 'checking'
  #running: Running | undefined
  #claim: PathClaim | undefined
  #life: Promise<void> | undefined
  #closed: Promise<void> | undefined
  #failure: CodedError<string> | undefined

  /** @param onRemoved called once it has left the session for good */
  constructor(host: TaskHost, metainfo: Metainfo, options: AddOptions, onRemoved: () => void) {
    this.#onRemoved = onRemoved
    this.metainfo = metainfo
    this.#dir = path.resolve(options.dir)
    this.#host = host
    this.#options = options
    this.#storage = host.pool.openStorage(metainfo, this.#storageOptions)
    this.#resume = new ResumeKeeper(metainfo, this.#storage, host, {
      onNotSaved: ({ code, message }) => {
        // A disk that is full is told once, also where the state lies on it.
        if (this.#failure?.code !== code) this.#teller.warn(code, message)
      },
      onNotSynced: error => this.#onWritesLost(error),
    })
    this.#tally = new SessionTally({
      map: this.#storage.map,
      total: metainfo.size,
      resume: this.#resume,
      countsSeedingTime: options.countsSeedingTime === true,
      host,
    })
    this.limits = new TorrentLimits(host.limits, options.limits ?? {})
    this.#hashes = new PieceHashes(metainfo, metainfo.pieceLayers, this.#storage.map)
  }

  /** Where the file or folder lies; under its name on the disk as soon as that is known. */
  get contentPath(): string {
    return this.#storage.contentPath
  }

  get #storageOptions(): StorageOptions {
    return { dir: this.#dir, mode: this.#options.mode === 'get' ? 'write' : 'read' }
  }

  /** What connections join; undefined while nobody is let in. */
  get swarm(): ContentSwarm | undefined {
    return this.#stopping.isStopped ? undefined : this.#running?.swarm
  }

  /** Whether it is not known yet what is there. */
  get isChecking(): boolean {
    return this.#state === 'checking' && this.#running === undefined
  }

  get status(): TorrentStatus {
    return this.#tally.status(this.#state, this.#running)
  }

  /** Those of the peers named in the options with which there is no connection, as far as they were tried. */
  get peerFailures(): readonly PeerFailure[] {
    return this.#running?.swarm.namedPeers.failures ?? []
  }

  /** What finds peers, and how it stands; empty until the data was checked. */
  get finders(): readonly FinderReport[] {
    return this.#running?.finders.status ?? []
  }

  /** Whatever was to follow the completed download has been done: later sessions know it by `status`. */
  completionHandled(): void {
    this.#resume.isCompletionHandled = true
    if (this.#running !== undefined && this.#closed === undefined) void this.#save(this.#running)
  }

  onEvent(listener: (event: TorrentEvent) => void): void {
    this.#teller.onEvent(listener)
  }

  start(): void {
    if (!this.#stopping.isStopped) this.#life ??= this.#live()
  }

  /** Tells the trackers, ends the connections, saves what is known and closes the files. */
  async remove(): Promise<void> {
    this.#stopping.stop()
    await this.#life
    if (this.#state !== 'error') this.#state = 'stopped'
    await this.#close()
    this.#onRemoved()
  }

  onSecond(now: number): void {
    if (this.#running === undefined || this.#stopping.isStopped) return
    this.#running.swarm.awakeTorrent?.onSecond()
    this.#running.finders.onSecond(now)
    this.#contentCare?.onSecond(now, this.#running.have)
    const isKept = this.#state === 'downloading' || this.#state === 'seeding'
    if (isKept && this.#resume.isDue(now, this.#tally.progress(this.#running)))
      void this.#resume.keep(this.#tally.progress(this.#running), this.#stopping.signal)
  }

  async #live(): Promise<void> {
    try {
      this.#teller.tell({ type: 'checking' })
      const earlier = await this.#resume.load()
      await this.#takePlace()
      if (this.#stopping.isStopped) return
      const have = await this.#check(earlier)
      if (this.#stopping.isStopped) return
      const running = this.#run(have)
      if (have.isFull) await this.#seed(running)
      else this.#download(running)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Before anything is read or written: the names on the disk, and no other torrent of the session has one of the paths. */
  async #takePlace(): Promise<void> {
    const told = this.#resume.changedNames
    const place = await takePlace(this.metainfo, this.#storageOptions, told, this.#host.claims)
    this.#claim = place.claim
    this.#storage.useNames(place.layout)
    this.#resume.changedNames = place.changed
    const message = changedNamesInWords(place.changed, told)
    if (message !== undefined) this.#teller.warn('name-changed', message)
  }

  async #check(earlier: EarlierState | undefined): Promise<Bitfield> {
    const { mode, recheck, trustData } = this.#options
    const { map } = this.#storage
    const have = await takeStock({
      storage: this.#storage,
      metainfo: this.metainfo,
      map,
      hashes: this.#hashes,
      earlier,
      how: trustData !== undefined ? 'trust' : recheck ? 'recheck' : 'resume',
      mode,
      truncate: this.#options.truncate ?? false,
      dir: this.#dir,
      contentPath: this.contentPath,
      signal: this.#stopping.signal,
      onChecked: piece => {
        this.#tally.pieceChecked()
        this.#resume.pieceChecked(piece)
      },
      onBelieved: pieces => this.#resume.believed(pieces),
    })
    this.#resume.begin(have)
    this.#tally.checked(have)
    return have
  }

  /** From here on peers come in and go out. */
  #run(have: Bitfield): Running {
    const { metainfo } = this
    const running = joinParts(this.#host, this.#owner(), {
      metainfo,
      options: this.#options,
      hashes: this.#hashes,
      storage: this.#storage,
      limits: this.limits,
      have,
    })
    this.#running = running
    namePeers(running, this.#options.peers ?? [])
    running.finders.start()
    return running
  }

  #download(running: Running): void {
    this.#resume.isCompletionHandled = false
    // From the first block on the files are ours, however this ends.
    void this.#save(running)
    this.#care.follow(running.have)
    this.#state = 'downloading'
    this.#tally.downloading()
    this.#teller.tell({ type: 'downloading' })
  }

  /** All pieces are verified: the whole is, too, and then it is given to others. */
  async #seed(running: Running): Promise<void> {
    if (this.#options.mode === 'get') {
      this.#state = 'verifying'
      const outcome = await this.#care.verifyWhole(running.have)
      if (this.#stopping.isStopped) return
      if (outcome === 'lost') {
        this.#download(running)
        return
      }
      await this.#complete(running)
    }
    if (this.#stopping.isStopped) return
    void this.#rest(running)
    this.#state = 'seeding'
    this.#tally.seeding()
    this.#teller.tell({ type: 'seeding', port: this.#host.port, verified: this.#verified })
  }

  async #complete(running: Running): Promise<void> {
    const { checksums, isAllRead } = this.#care
    // What was read as a whole just now need not be believed.
    if (isAllRead) this.#resume.believed(0)
    this.#resume.wholeVerified()
    if (this.#options.sync) await this.#resume.syncAll(running.have, this.#stopping.signal)
    if (this.#stopping.isStopped) return
    running.finders.completed()
    this.#teller.tell({
      type: 'complete',
      path: this.contentPath,
      seconds: this.#tally.downloadSeconds,
      sha256: this.metainfo.isFolder ? undefined : checksums[0]?.sha256,
      checksums,
      verified: this.#verified,
    })
  }

  #save(running: Running): Promise<void> {
    return this.#resume.save(this.#tally.progress(running))
  }

  /** All is here: what is known is saved, and no worker need know of the torrent before a peer asks for something. */
  async #rest(running: Running): Promise<void> {
    if (this.#contentCare === undefined) this.#stopping.rest()
    await this.#save(running)
    if (this.#closed === undefined) await this.#teller.withDiskWarning(() => this.#storage.rest())
  }

  /** Once peers are exchanged with: until then nothing is received or read, and thousands of torrents rest. */
  #listenToStorage(): void {
    this.#storage.listen({
      onPieceHashed: (piece, digests, origin) =>
        this.#onPieceHashed(piece, this.#hashes.matches(piece, digests), origin),
      onPieceSpoiled: (piece, error) => this.#care.spoiled(piece, error.facts.path),
      onWriteError: error => this.#care.writeFailed(error),
      onReadError: error => this.#care.readFailed(error),
      onLoaded: () => {
        if (this.swarm !== undefined) this.#host.flushUploads(this.swarm)
      },
      onRoom: () => this.#host.resumeWaiting(),
    })
  }

  #owner(): RunningOwner {
    return {
      onAwake: () => this.#listenToStorage(),
      swarm: () => this.swarm,
      left: () => this.#tally.left,
      onWarning: (code, message) => this.#teller.warn(code, message),
      discardPiece: piece => this.#storage.discard(piece),
      completed: () => {
        // The last piece may be verified while all is being closed.
        if (this.#stopping.isStopped || this.#running === undefined) return
        this.#life = this.#seed(this.#running).catch(error => this.#fail(error))
      },
      onBanned: (address, piece) => this.#teller.banned(address, piece),
    }
  }

  /** From when it is known that the content is right. */
  get #verified(): Verified {
    const { trustData } = this.#options
    if (this.#resume.believedPieces === 0 || trustData === 'hashed') return { type: 'now' }
    return trustData === 'unread' ? { type: 'never' } : { type: 'earlier', atMs: this.#resume.verifiedAtMs }
  }

  get #care(): ContentCare {
    this.#contentCare ??= new ContentCare(
      {
        storage: this.#storage,
        metainfo: this.metainfo,
        hashes: this.#hashes,
        resume: this.#resume,
        options: this.#options,
        signal: this.#stopping.signal,
      },
      this.#careOwner(),
    )
    return this.#contentCare
  }

  #careOwner(): ContentCareOwner {
    return {
      state: () => this.#state,
      running: () => this.#running,
      left: () => this.#tally.left,
      lost: pieces => {
        for (const piece of pieces) {
          this.#tally.pieceLost(piece)
          this.#resume.pieceLost(piece)
        }
      },
      downloadAgain: running => this.#download(running),
      fail: error => this.#fail(error),
      warn: (code, message) => this.#teller.warn(code, message),
    }
  }

  #onPieceHashed(piece: number, isGood: boolean, origin: HashedBytes): void {
    if (!isGood && origin === 'changed-files') {
      this.#care.wronglyHashed(piece)
      return
    }
    if (isGood) this.#tally.pieceVerified(piece)
    else debug('piece %d is bad', piece)
    this.#running?.swarm.torrent.downloader.pieceHashed(piece, isGood)
    if (isGood) this.#care.pieceVerified(piece)
  }

  /** Content that was written is not on the disk, and cannot be relied on to be read back much longer. */
  #onWritesLost(error: DiskError): void {
    if (this.#options.mode === 'get') this.#fail(error)
    else this.#teller.diskFailed(error)
  }

  #fail(thrown: unknown): void {
    const { isStopped } = this.#stopping
    if (this.#stopping.isReason(thrown) || (isStopped && thrown instanceof CodedError)) {
      debug('%s: given up: %s', this.metainfo.name, reasonOf(thrown))
      return
    }
    if (!(thrown instanceof CodedError)) throw thrown
    this.#state = 'error'
    this.#failure = thrown
    this.#stopping.stop()
    this.#teller.tell({ type: 'error', error: thrown })
    void this.#close()
  }

  #close(): Promise<void> {
    this.#closed ??= this.#closeAll().finally(() => this.#claim?.release())
    return this.#closed
  }

  async #closeAll(): Promise<void> {
    const running = this.#running
    if (running !== undefined) {
      const left = running.finders.stop()
      this.#host.endConnections(running.swarm)
      // Before the state is taken: a file that is written to later would have to be checked the next time.
      await this.#storage.drain()
      await this.#save(running)
      await left
      await this.#resume.close()
    }
    await this.#teller.withDiskWarning(() => this.#storage.close())
  }
}
