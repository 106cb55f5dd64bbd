import { CodedError, reasonOf } from '../../base/errors.js'
import { debugLog } from '../../base/log.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import { Content } from './content.js'
import { GoalWatch } from './goal-watch.js'
import { JoinedSwarm } from './joined-swarm.js'
import type { LifeSteps } from './life-steps.js'
import { MetadataFetch } from './metadata-fetch.js'
import { Stopping } from './stopping.js'
import { TaskCommands } from './task-commands.js'
import type { TaskParts } from './task-parts.js'
import { TaskReports } from './task-reports.js'
import {
  type ActiveState,
  activeState,
  type CheckingState,
  contentOf,
  type Ended,
  fetchOf,
  isEnded,
  leftState,
  type PausedState,
  type TaskState,
  type WorkingState,
  workingState,
} from './task-state.js'
import {
  keepLayers,
  keepMetadata,
  leave,
  resolveMetainfo,
  rest,
  saveLast,
  settle,
  verifyWhole,
} from './task-work.js'
import { isUnresolved, type UnresolvedTorrent } from './unresolved-torrent.js'

const debug = debugLog('client')

/**
 * The states of one torrent, and what leads from one to another. Its events are the commands of `TaskCommands`, the reports
 * that `TaskReports` takes from its parts, and what its own work comes to.
 *
 * - `metadata`, where the torrent is known by its info hash alone
 *   - an earlier session kept the metainfo, or peers gave it → `checking`
 *   - it is not a torrent, or another torrent of the session has one of its hashes → `error`
 * - `checking`
 *   - pieces that are wanted are missing, in `get` → `active`, downloading
 *   - all pieces that are wanted are there, in `get` → `active`, verifying
 *   - all pieces that are wanted are there, in `seed` → `active`, seeding
 *   - it was a recheck of a paused torrent → `paused`
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
 * - `paused`: no connections, no announces, no work; the paths stay claimed
 *   - resume → the state from which it was paused; what was not finished there begins again
 *   - content that came before could not be written or synced → `error`
 * - all of these
 *   - pause → `paused`; where it is that already, nothing
 *   - recheck → `checking`, and from there to `paused` where it was paused; refused in `metadata`
 *   - peers are added → they are connected to, at once or as soon as the torrent is `active`
 *   - stop → `stopped`
 * - `error`, `stopped`: for good; commands are refused
 */
export class TorrentLife implements LifeSteps {
  readonly parts: TaskParts
  readonly commands = new TaskCommands(this)
  peers: readonly PeerAddress[]
  left: Promise<void> = Promise.resolve()
  readonly #reports = new TaskReports(this)
  readonly #goals: GoalWatch | undefined
  #state: TaskState
  /** Ends the work of a torrent that is paused, rechecked or stopped; another one begins with the next work. */
  #run = new Stopping()
  /** The work that leads to the next state. It ends soon after its run. */
  #work: Promise<void> = Promise.resolve()
  #isCompleteTold = false
  /** Where it was added by its info hash: what of its metainfo came from peers is kept under it. */
  readonly #unresolved: UnresolvedTorrent | undefined

  constructor(parts: TaskParts, torrent: Metainfo | UnresolvedTorrent) {
    this.parts = parts
    this.peers = parts.options.peers ?? []
    this.#goals = parts.options.goals && new GoalWatch(parts.options.goals, parts.teller)
    this.#unresolved = isUnresolved(torrent) ? torrent : undefined
    this.#state = isUnresolved(torrent)
      ? { type: 'metadata', torrent, fetch: undefined }
      : this.#unchecked(torrent)
  }

  get state(): TaskState {
    return this.#state
  }

  /** Of the work under way. */
  get signal(): AbortSignal {
    return this.#run.signal
  }

  // From the session and from programs.

  start(): void {
    const working = workingState(this.#state)
    if (working === this.#state) this.goOn(working)
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
    if (activity === 'seeding') this.#goals?.look(joined.history, content.metainfo.size)
    void keepLayers(this.#unresolved, this.#state, this.parts)
    const { progress } = joined
    if (activity !== 'verifying' && content.resume.isDue(now, progress))
      void content.resume.keep(progress, this.#run.signal)
  }

  // For commands.

  goOn(state: WorkingState): void {
    this.#state = state
    if (state.type === 'metadata') this.#go(this.#resolve(state.torrent))
    else if (state.type === 'checking') this.#go(this.#check(state))
    else this.#go(this.#enter(state))
  }

  async suspend(from: WorkingState, purpose: 'paused' | 'checking'): Promise<void> {
    this.#run.stop()
    this.#run = new Stopping()
    this.#state = { type: 'paused', from: leftState(from) }
    const { teller, tally } = this.parts
    tally.notSeeding()
    this.left = leave(from)
    if (purpose === 'paused') teller.tell({ type: 'paused' })
    await this.#work
    if (from.type === 'active') await settle(from, teller, this.#run)
    await contentOf(from)?.endCare()
  }

  staysActive(): void {
    if (this.#state.type === 'checking') this.#state = { ...this.#state, next: 'active' }
  }

  // For reports.

  allPiecesHere(active: ActiveState): void {
    this.#go(this.#verify(active))
  }

  download(active: ActiveState): void {
    const { content, joined } = active
    const { teller, tally } = this.parts
    content.resume.isCompletionHandled = false
    this.#isCompleteTold = false
    // From the first block on the files are ours, however this ends.
    void content.resume.save(joined.progress)
    content.care.follow(joined.wanted.have)
    this.#state = { ...active, activity: 'downloading' }
    tally.downloading()
    teller.tell({ type: 'downloading' })
  }

  fail(thrown: unknown): void {
    if (!(thrown instanceof CodedError)) throw thrown
    if (isEnded(this.#state)) {
      debug('given up: %s', reasonOf(thrown))
      return
    }
    this.#state = { type: 'error', error: thrown, ...this.#end(this.#state) }
    this.parts.teller.tell({ type: 'error', error: thrown })
  }

  // The work.

  #unchecked(metainfo: Metainfo): CheckingState {
    const { host, options } = this.parts
    const content = new Content({ host, metainfo, options, life: this, listener: this.#reports })
    return {
      type: 'checking',
      content,
      how: options.recheck ? 'recheck' : 'resume',
      next: 'active',
      fetch: undefined,
    }
  }

  /** From here on peers come in and go out. */
  async #enter(active: ActiveState, fetch?: MetadataFetch): Promise<void> {
    this.#state = active
    active.joined.enter(this.peers, fetch)
    if (active.activity === 'seeding') this.#seed(active)
    else if (active.joined.wanted.isDone) await this.#verify(active)
    else this.download(active)
  }

  async #resolve(torrent: UnresolvedTorrent): Promise<void> {
    const run = this.#run
    this.parts.teller.tell({ type: 'metadata' })
    const { host } = this.parts
    const metainfo = await resolveMetainfo(torrent, host, run.signal, () => this.#fetch(torrent))
    if (run.isStopped) return
    host.resolved(torrent, metainfo)
    const fetch = fetchOf(this.#state)
    fetch?.resolved(metainfo)
    const keeping = fetch === undefined ? undefined : keepMetadata(torrent, metainfo, this.parts)
    this.parts.teller.tell({ type: 'resolved', metainfo })
    try {
      if (run.isStopped) return
      const checking = { ...this.#unchecked(metainfo), fetch }
      this.#state = checking
      await this.#check(checking)
    } finally {
      await keeping
    }
  }

  #fetch(torrent: UnresolvedTorrent): MetadataFetch {
    const fetch = new MetadataFetch({ ...this.parts, listener: this.#reports }, torrent)
    this.#state = { type: 'metadata', torrent, fetch }
    fetch.start(this.peers)
    return fetch
  }

  async #check({ content, how }: CheckingState): Promise<void> {
    const run = this.#run
    const { teller, tally } = this.parts
    teller.tell({ type: 'checking' })
    const wanted = await content.check(tally, how)
    await this.left
    if (run.isStopped || this.#state.type !== 'checking') return
    const joined = new JoinedSwarm({ ...this.parts, content, wanted, listener: this.#reports })
    const active: ActiveState = { type: 'active', activity: 'downloading', content, joined }
    if (this.#state.next === 'active') {
      await this.#enter(active, this.#state.fetch)
    } else {
      this.#state = { type: 'paused', from: active }
      teller.tell({ type: 'paused' })
    }
  }

  /** All pieces that are wanted are verified: whole files are, too, before the torrent is called complete. */
  async #verify(active: ActiveState): Promise<void> {
    const run = this.#run
    const { options } = this.parts
    if (options.mode === 'get') {
      this.#state = { ...active, activity: 'verifying' }
      const outcome = await verifyWhole(active, options, run.signal)
      if (run.isStopped) return
      if (outcome === 'lost') {
        this.download(active)
        return
      }
      this.#tellComplete(active)
    }
    this.#seed(active)
  }

  #tellComplete({ content, joined }: ActiveState): void {
    if (this.#isCompleteTold) return
    this.#isCompleteTold = true
    joined.completed()
    const { teller, tally } = this.parts
    teller.tell({ type: 'complete', seconds: tally.downloadSeconds, ...content.completion })
  }

  #seed(active: ActiveState): void {
    const { content, joined } = active
    const { host, teller, tally } = this.parts
    void rest(active, teller, this.#run)
    this.#state = { ...active, activity: 'seeding' }
    tally.seeding()
    this.#goals?.look(joined.history, content.metainfo.size)
    teller.tell({ type: 'seeding', port: host.port, verified: content.verified })
  }

  #go(work: Promise<void>): void {
    const run = this.#run
    this.#work = work.catch(error => {
      if (run.isReason(error) || (run.isStopped && error instanceof CodedError))
        debug('given up: %s', reasonOf(error))
      else this.fail(error)
    })
  }

  // The end of work.

  #end(state: WorkingState | PausedState): Ended {
    this.#run.stop()
    // A turn later: whatever is reported on the way finds the torrent ended.
    return { last: workingState(state), closed: Promise.resolve().then(() => this.#close(state)) }
  }

  async #close(state: WorkingState | PausedState): Promise<void> {
    if (state.type !== 'paused') this.left = leave(state)
    await this.#work
    await this.commands.settled()
    const active = activeState(state)
    if (active !== undefined) {
      await saveLast(active)
      await keepLayers(this.#unresolved, active, this.parts)
    }
    await this.left
    const content = contentOf(state)
    if (content !== undefined) await this.parts.teller.withDiskWarning(() => content.close())
  }
}
