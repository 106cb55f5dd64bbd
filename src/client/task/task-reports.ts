import { debugLog } from '../../base/log.js'
import type { PieceDigests } from '../../protocol/metainfo/piece-hashes.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import { type DiskError, fullDisk } from '../disk/disk-error.js'
import type { HashedBytes } from '../disk/messages.js'
import type { Content } from './content.js'
import type { LifeSteps } from './life-steps.js'
import type { Rechecked } from './recheck.js'
import type { TaskListener } from './task-listener.js'
import { type ActiveState, activeState, isEnded } from './task-state.js'

const debug = debugLog('client')

/** Acts on the reports of a torrent's parts; `TorrentLife` says what follows in each state. */
export class TaskReports implements TaskListener {
  readonly #life: LifeSteps

  constructor(life: LifeSteps) {
    this.#life = life
  }

  // From the engine.

  onAllPieces(): void {
    const { state } = this.#life
    // The last piece may be verified while all is being closed; one that is paused sees to it when it is resumed.
    if (state.type === 'active') this.#life.allPiecesHere(state)
  }

  onBanned(address: PeerAddress, piece: number): void {
    this.#life.parts.teller.banned(address, piece)
  }

  // From the storage, which may be after the end: what is verified is saved.

  onPieceHashed(piece: number, digests: PieceDigests, origin: HashedBytes): void {
    const active = activeState(this.#life.state)
    if (active === undefined) return
    const { content, joined } = active
    const isGood = content.hashes.matches(piece, digests)
    if (!isGood && origin === 'changed-files') {
      content.storage.discard(piece)
      this.#pieceSpoiled(active, piece, content.pathOfPiece(piece))
      return
    }
    if (isGood) this.#life.parts.tally.gained(content.bytesOf([piece]))
    else debug('piece %d is bad', piece)
    joined.swarm.torrent.downloader.pieceHashed(piece, isGood)
    if (isGood) content.care.pieceVerified(piece)
  }

  onPieceSpoiled(piece: number, error: DiskError): void {
    const active = activeState(this.#life.state)
    if (active !== undefined) this.#pieceSpoiled(active, piece, error.facts.path)
  }

  onWriteError(error: DiskError): void {
    const active = this.#going
    if (active === undefined) return
    const { activity, content } = active
    if (activity === 'seeding') content.care.writeFailed(error)
    else this.#life.fail(error.code === 'full' ? fullDisk(error, this.#left(content)) : error)
  }

  /** Only what a peer asked for could not be read: its request is rejected. */
  onReadError(error: DiskError): void {
    this.#going?.content.care.readFailed(error)
  }

  onLoaded(): void {
    const { state, parts } = this.#life
    if (state.type === 'active') parts.host.flushUploads(state.joined.swarm)
  }

  onRoom(): void {
    this.#life.parts.host.resumeWaiting()
  }

  // From those that watch over the content.

  onRechecked({ good, bad }: Rechecked, files: readonly number[]): void {
    const active = activeState(this.#life.state)
    if (active === undefined) return
    const { content, joined } = active
    const { tally, options } = this.#life.parts
    const isFetching = options.mode === 'get'
    if (bad.isEmpty) {
      joined.swarm.awakeTorrent?.rechecked({ good, bad, isFetching })
      return
    }
    content.care.lost(bad, files)
    tally.lost(content.bytesOf(bad))
    for (const piece of bad) content.resume.pieceLost(piece)
    joined.swarm.torrent.rechecked({ good, bad, isFetching })
    const { state } = this.#life
    if (!joined.wanted.isDone && state.type === 'active' && state.activity === 'seeding')
      this.#life.download(state)
  }

  onRecheckFailed(error: unknown): void {
    this.#life.fail(error)
  }

  /** Nothing is lost but time at the next start. */
  onNotSaved({ code, message }: DiskError): void {
    const { state, parts } = this.#life
    // A disk that is full is told once, also where the state lies on it.
    if (state.type !== 'error' || state.error.code !== code) parts.teller.warn(code, message)
  }

  /** Content that was written is not on the disk, and cannot be relied on to be read back much longer. */
  onNotSynced(error: DiskError): void {
    if (this.#life.parts.options.mode === 'get') this.#life.fail(error)
    else this.#life.parts.teller.diskFailed(error)
  }

  onWarning(code: string, message: string): void {
    this.#life.parts.teller.warn(code, message)
  }

  /** The torrent among its peers, or paused, and not ended. */
  get #going(): ActiveState | undefined {
    const { state } = this.#life
    return isEnded(state) ? undefined : activeState(state)
  }

  /** Another program changed a file while a piece came: it is fetched again, and no peer is to blame. */
  #pieceSpoiled({ content, joined }: ActiveState, piece: number, path: string): void {
    content.care.spoiled(path)
    joined.swarm.torrent.downloader.pieceSpoiled(piece)
  }

  /** Bytes of the selected files that are missing. */
  #left({ selection }: Content): number {
    return selection.size - this.#life.parts.tally.done.selected
  }
}
