import { CodedError, reasonOf } from '../../base/errors.js'
import { debugLog } from '../../base/log.js'
import { untilAborted } from '../../base/until-aborted.js'
import type { WantedPieces } from '../../engine/pick/wanted-pieces.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { PieceDigests } from '../../protocol/metainfo/piece-hashes.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import { type DiskError, fullDisk } from '../disk/disk-error.js'
import type { HashedBytes } from '../disk/messages.js'
import type { TorrentLimits } from '../limits/rate-limits.js'
import { loadMetadata, saveMetadata } from '../resume/metadata-file.js'
import type { Progress } from '../resume/resume-keeper.js'
import { Content } from './content.js'
import type { EventTeller } from './event-teller.js'
import { reachedGoal } from './goals.js'
import { JoinedSwarm } from './joined-swarm.js'
import { MetadataFetch } from './metadata-fetch.js'
import type { Rechecked } from './recheck.js'
import type { SessionTally } from './session-tally.js'
import { Stopping } from './stopping.js'
import type { AddOptions, TaskHost } from './task-host.js'
import type { TaskListener } from './task-listener.js'
import {
  type ActiveState,
  contentOf,
  type Ended,
  fetchOf,
  isEnded,
  type LiveState,
  liveState,
  type TaskState,
} from './task-state.js'
import { isUnresolved, resolveTorrent, type UnresolvedTorrent } from './unresolved-torrent.js'

const debug = debugLog('client')

/** What a torrent has in every state. */
export interface TaskParts {
  readonly host: TaskHost
  readonly options: AddOptions
  readonly limits: TorrentLimits
  readonly teller: EventTeller
  readonly tally: SessionTally
}

/**
 * The states of one torrent: each event is one method, and only they change the state.
 *
 * - `metadata`, where the torrent is known by its info hash alone
 *   - an earlier session kept the metainfo, or peers gave it → `checking`
 *   - it is no torrent, or another torrent of the session has one of its hashes → `error`
 * - `checking`
 *   - pieces that are wanted are missing, in `get` → `active`, downloading
 *   - all pieces that are wanted are there, in `get` → `active`, verifying
 *   - all pieces that are wanted are there, in `seed` → `active`, seeding
 *   - the disk or the content forbids it → `error`
 * - `active`, downloading
 *   - the last piece that is wanted is verified → verifying
 *   - a piece is bad, or another program spoiled it → the engine fetches it again
 *   - content could not be written or synced → `error`
 * - `active`, verifying
 *   - all files that are selected are right → `complete` is told, then seeding
 *   - pieces that are wanted were lost → downloading
 *   - a file stays wrong, or could not be read or written → `error`
 * - `active`, seeding
 *   - another program changed files → their pieces are hashed again
 *   - a goal is reached → that is told once
 *   - pieces that are wanted were lost, in `get` → downloading
 *   - pieces were lost, in `seed` → they are no longer offered
 *   - blocks could not be read for a peer → a warning
 * - all of these
 *   - stop → `stopped`
 * - `error`, `stopped`: for good
 */
export class TorrentLife implements TaskListener {
  readonly #parts: TaskParts
  readonly #stopping = new Stopping()
  #state: TaskState
  /** What leads to the next state. It ends soon after `stop`. */
  #work: Promise<void> = Promise.resolve()
  #isGoalTold = false

  constructor(parts: TaskParts, torrent: Metainfo | UnresolvedTorrent) {
    this.#parts = parts
    this.#state = isUnresolved(torrent)
      ? { type: 'metadata', torrent, fetch: undefined }
      : { type: 'checking', content: this.#makeContent(torrent), fetch: undefined }
  }

  get state(): TaskState {
    return this.#state
  }

  // What the session and programs do.

  start(): void {
    if (this.#state.type === 'metadata') this.#go(this.#resolve(this.#state.torrent))
    else if (this.#state.type === 'checking') this.#go(this.#check(this.#state.content))
  }

  /** Resolves once the trackers are told, the state is saved and the files are closed. */
  async stop(): Promise<void> {
    if (!isEnded(this.#state)) this.#state = { type: 'stopped', ...this.#end(this.#state) }
    await this.#state.closed
  }

  onSecond(now: number): void {
    if (!isEnded(this.#state)) fetchOf(this.#state)?.onSecond(now)
    if (this.#state.type !== 'active') return
    const { content, joined, activity } = this.#state
    joined.onSecond(now)
    content.awakeCare?.onSecond(now, joined.wanted)
    if (activity === 'seeding') this.#lookAtGoals(this.#state)
    const progress = this.#progress(this.#state)
    if (activity !== 'verifying' && content.resume.isDue(now, progress))
      void content.resume.keep(progress, this.#stopping.signal)
  }

  /** As `TorrentTask.completionHandled`. */
  completionHandled(): void {
    const content = contentOf(this.#state)
    if (content !== undefined) content.resume.isCompletionHandled = true
    if (this.#state.type === 'active') void this.#save(this.#state)
  }

  // What the engine reports.

  onAllPieces(): void {
    // The last piece may be verified while all is being closed.
    if (this.#state.type === 'active') this.#go(this.#allPiecesHere(this.#state))
  }

  onBanned(address: PeerAddress, piece: number): void {
    this.#parts.teller.banned(address, piece)
  }

  // What the storage reports, which may be after the end: what is verified is saved.

  onPieceHashed(piece: number, digests: PieceDigests, origin: HashedBytes): void {
    const live = liveState(this.#state)
    if (live.type !== 'active') return
    const { content, joined } = live
    const isGood = content.hashes.matches(piece, digests)
    if (!isGood && origin === 'changed-files') {
      content.storage.discard(piece)
      this.#pieceSpoiled(live, piece, content.pathOfPiece(piece))
      return
    }
    if (isGood) this.#parts.tally.gained(content.bytesOf([piece]))
    else debug('piece %d is bad', piece)
    joined.swarm.torrent.downloader.pieceHashed(piece, isGood)
    if (isGood) content.care.pieceVerified(piece)
  }

  onPieceSpoiled(piece: number, error: DiskError): void {
    const live = liveState(this.#state)
    if (live.type === 'active') this.#pieceSpoiled(live, piece, error.facts.path)
  }

  onWriteError(error: DiskError): void {
    if (this.#state.type !== 'active') return
    const { activity, content } = this.#state
    if (activity === 'seeding') content.care.writeFailed(error)
    else this.#fail(error.code === 'full' ? fullDisk(error, this.#left(content)) : error)
  }

  /** Only what a peer asked for could not be read: its request is rejected. */
  onReadError(error: DiskError): void {
    if (this.#state.type === 'active') this.#state.content.care.readFailed(error)
  }

  onLoaded(): void {
    if (this.#state.type === 'active') this.#parts.host.flushUploads(this.#state.joined.swarm)
  }

  onRoom(): void {
    this.#parts.host.resumeWaiting()
  }

  // What those report that watch over the content.

  onRechecked({ good, bad }: Rechecked, files: readonly number[]): void {
    const live = liveState(this.#state)
    if (live.type !== 'active') return
    const { content, joined } = live
    const isFetching = this.#parts.options.mode === 'get'
    if (bad.isEmpty) {
      joined.swarm.awakeTorrent?.rechecked({ good, bad, isFetching })
      return
    }
    content.care.lost(bad, files)
    this.#parts.tally.lost(content.bytesOf(bad))
    for (const piece of bad) content.resume.pieceLost(piece)
    joined.swarm.torrent.rechecked({ good, bad, isFetching })
    if (!joined.wanted.isDone && this.#state.type === 'active' && this.#state.activity === 'seeding')
      this.#download(this.#state)
  }

  onRecheckFailed(error: unknown): void {
    this.#fail(error)
  }

  /** Nothing is lost but time at the next start. */
  onNotSaved({ code, message }: DiskError): void {
    // A disk that is full is told once, also where the state lies on it.
    if (this.#state.type !== 'error' || this.#state.error.code !== code)
      this.#parts.teller.warn(code, message)
  }

  /** Content that was written is not on the disk, and cannot be relied on to be read back much longer. */
  onNotSynced(error: DiskError): void {
    if (this.#parts.options.mode === 'get') this.#fail(error)
    else this.#parts.teller.diskFailed(error)
  }

  onWarning(code: string, message: string): void {
    this.#parts.teller.warn(code, message)
  }

  // What the work comes to.

  async #resolve(torrent: UnresolvedTorrent): Promise<void> {
    this.#parts.teller.tell({ type: 'metadata' })
    const { host } = this.#parts
    const kept = await host.stateGate.run(() => loadMetadata(torrent))
    if (isEnded(this.#state)) return
    const metainfo = await resolveTorrent(torrent, kept ?? (await this.#fetch(torrent)))
    if (isEnded(this.#state)) return
    host.resolved(torrent, metainfo)
    const fetch = fetchOf(this.#state)
    fetch?.resolved(metainfo)
    const keeping = fetch === undefined ? undefined : this.#keepMetadata(torrent, metainfo)
    this.#parts.teller.tell({ type: 'resolved', metainfo })
    try {
      if (isEnded(this.#state)) return
      const content = this.#makeContent(metainfo)
      this.#state = { type: 'checking', content, fetch }
      await this.#check(content)
    } finally {
      await keeping
    }
  }

  /** The info dictionary, from peers. Rejects with the signal's reason once stopped. */
  async #fetch(torrent: UnresolvedTorrent): Promise<Uint8Array> {
    const { options } = this.#parts
    const fetch = new MetadataFetch({ ...this.#parts, listener: this }, torrent)
    this.#state = { type: 'metadata', torrent, fetch }
    fetch.start(options.peers ?? [])
    return await untilAborted(fetch.metadata, this.#stopping.signal)
  }

  /** So that the next session needs no peer for it; where that fails, this one goes on. */
  async #keepMetadata(torrent: UnresolvedTorrent, { infoBytes }: Metainfo): Promise<void> {
    const { host, teller } = this.#parts
    await teller.withDiskWarning(() => host.stateGate.run(() => saveMetadata(torrent, infoBytes)))
  }

  #makeContent(metainfo: Metainfo): Content {
    const { host, options } = this.#parts
    return new Content({ host, metainfo, options, stopping: this.#stopping, listener: this })
  }

  async #check(content: Content): Promise<void> {
    this.#parts.teller.tell({ type: 'checking' })
    const wanted = await content.check(this.#parts.tally)
    if (isEnded(this.#state)) return
    const active = this.#join(content, wanted)
    if (wanted.isDone) await this.#allPiecesHere(active)
    else this.#download(active)
  }

  /** From here on peers come in and go out. */
  #join(content: Content, wanted: WantedPieces): ActiveState {
    const fetch = fetchOf(this.#state)
    const joined = new JoinedSwarm({ ...this.#parts, content, wanted, listener: this, fetch })
    const active = { type: 'active', activity: 'downloading', content, joined } as const
    this.#state = active
    joined.start(this.#parts.options.peers ?? [])
    return active
  }

  #download(active: ActiveState): void {
    const { content, joined } = active
    const { teller, tally } = this.#parts
    content.resume.isCompletionHandled = false
    // From the first block on the files are ours, however this ends.
    void this.#save(active)
    content.care.follow(joined.wanted.have)
    this.#state = { ...active, activity: 'downloading' }
    tally.downloading()
    teller.tell({ type: 'downloading' })
  }

  /** All pieces that are wanted are verified: whole files are, too, before the torrent is called complete. */
  async #allPiecesHere(active: ActiveState): Promise<void> {
    const { content, joined } = active
    if (this.#parts.options.mode === 'get') {
      this.#state = { ...active, activity: 'verifying' }
      const outcome = await content.care.verifyWhole(joined.wanted)
      if (isEnded(this.#state)) return
      if (outcome === 'lost') {
        this.#download(active)
        return
      }
      await this.#complete(active)
      if (isEnded(this.#state)) return
    }
    this.#seed(active)
  }

  async #complete({ content, joined }: ActiveState): Promise<void> {
    const { options, teller, tally } = this.#parts
    const { care, resume, metainfo } = content
    // What was read as a whole just now need not be believed.
    if (care.isAllRead) resume.believed(0)
    resume.wholeVerified()
    if (options.sync) await resume.syncAll(joined.wanted.have, this.#stopping.signal)
    if (isEnded(this.#state)) return
    joined.completed()
    teller.tell({
      type: 'complete',
      path: content.storage.contentPath,
      seconds: tally.downloadSeconds,
      sha256: metainfo.isFolder ? undefined : care.checksums[0]?.sha256,
      checksums: care.checksums,
      verified: content.verified,
    })
  }

  #seed(active: ActiveState): void {
    const { host, teller, tally } = this.#parts
    void this.#rest(active)
    this.#state = { ...active, activity: 'seeding' }
    tally.seeding()
    this.#lookAtGoals(active)
    teller.tell({ type: 'seeding', port: host.port, verified: active.content.verified })
  }

  #lookAtGoals({ content, joined }: ActiveState): void {
    const { options, tally, teller } = this.#parts
    if (options.goals === undefined || this.#isGoalTold) return
    const history = tally.history(content.resume, joined.swarm.awakeTorrent)
    const goal = reachedGoal(options.goals, history, content.metainfo.size)
    if (goal === undefined) return
    this.#isGoalTold = true
    teller.tell({ type: 'goal-reached', goal })
  }

  /** All is here: what is known is saved, and no worker need know of the torrent before a peer asks for something. */
  async #rest(active: ActiveState): Promise<void> {
    const { content } = active
    if (content.awakeCare === undefined) this.#stopping.rest()
    await this.#save(active)
    if (!isEnded(this.#state)) await this.#parts.teller.withDiskWarning(() => content.storage.rest())
  }

  /** Another program changed a file while a piece came: it is fetched again, and no peer is to blame. */
  #pieceSpoiled({ content, joined }: ActiveState, piece: number, path: string): void {
    content.care.spoiled(path)
    joined.swarm.torrent.downloader.pieceSpoiled(piece)
  }

  #fail(thrown: unknown): void {
    if (isEnded(this.#state)) {
      if (!this.#stopping.isReason(thrown) && !(thrown instanceof CodedError)) throw thrown
      debug('given up: %s', reasonOf(thrown))
      return
    }
    if (!(thrown instanceof CodedError)) throw thrown
    this.#state = { type: 'error', error: thrown, ...this.#end(this.#state) }
    this.#parts.teller.tell({ type: 'error', error: thrown })
  }

  #go(work: Promise<void>): void {
    this.#work = work.catch(error => this.#fail(error))
  }

  #end(last: LiveState): Ended {
    this.#stopping.stop()
    // A turn later: whatever is reported on the way finds the torrent ended.
    return { last, closed: Promise.resolve().then(() => this.#close(last)) }
  }

  async #close(last: LiveState): Promise<void> {
    const left = last.type === 'active' ? last.joined.leave() : last.fetch?.leave()
    await this.#work
    if (last.type === 'metadata') {
      await left
      return
    }
    const { content } = last
    if (last.type === 'active') {
      // Before the state is taken: a file that is written to later would have to be checked the next time.
      await content.storage.drain()
      await this.#save(last)
      await left
      await content.resume.close()
    }
    await left
    await this.#parts.teller.withDiskWarning(() => content.close())
  }

  #save(active: ActiveState): Promise<void> {
    return active.content.resume.save(this.#progress(active))
  }

  #progress({ joined }: ActiveState): Progress {
    return this.#parts.tally.progress(joined.wanted, joined.swarm.awakeTorrent)
  }

  /** Bytes of the selected files that are missing. */
  #left({ selection }: Content): number {
    return selection.size - this.#parts.tally.done.selected
  }
}
