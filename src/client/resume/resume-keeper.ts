import { Bitfield } from '../../base/bitfield.js'
import type { Gate } from '../../base/gate.js'
import { debugLog } from '../../base/log.js'
import type { Selection } from '../../engine/pick/selection.js'
import { WantedPieces } from '../../engine/pick/wanted-pieces.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import { DiskError } from '../disk/disk-error.js'
import { isSameFile } from '../disk/file-stamp.js'
import type { FileStamps } from '../disk/file-stamps.js'
import { indexed } from '../disk/layout.js'
import { type ChangedNames, NO_CHANGED_NAMES } from '../disk/names/disk-names.js'
import { PartExtents } from '../disk/part-extents.js'
import type { Storage } from '../disk/storage.js'
import type { EarlierState } from '../task/existing-data.js'
import { currentBoot } from './boot-mark.js'
import { ContentSync } from './content-sync.js'
import { type History, isSameHistory, NO_HISTORY } from './history.js'
import { loadResume, removeParts, saveResume } from './resume-file.js'
import { isSameState, type ResumeState, reliablePieces } from './resume-state.js'

const debug = debugLog('client')

/** Totals are saved after this number of intervals, if nothing else has changed. */
const HISTORY_INTERVALS = 10

/** The pieces, and the state to be saved beside them. */
export interface Progress {
  readonly wanted: WantedPieces
  /** Bytes in this session. */
  readonly uploaded: number
  readonly downloaded: number
  /** Of this session, as far as they are to be remembered. */
  readonly seedingSeconds: number
}

export interface KeptContent {
  readonly metainfo: Metainfo
  readonly storage: Storage
  readonly selection: Selection
}

/** The session, as the keepers of its torrents see it. */
export interface KeepingHost {
  /** Through which all states are read and written: thousands start and stop together. */
  readonly stateGate: Gate
  /** Through which all content is synced. */
  readonly syncGate: Gate
  /** The interval between syncing and saving, in ms. */
  readonly saveIntervalMs: number
}

export interface KeeperListener {
  /** The state could not be written; nothing is lost but time at the next start. */
  onNotSaved(error: DiskError): void
  /** The disk lost content that it had taken. */
  onNotSynced(error: DiskError): void
}

/** The part of a saved state that is about files. */
export function earlierState(state: ResumeState): EarlierState {
  return {
    have: state.pieces,
    reliable: reliablePieces(state, currentBoot()),
    isUnchanged: (entryIndex, stamp) => isSameFile(state.stamps.at(entryIndex), stamp),
  }
}

/** Remembers how far a torrent has come, so that it goes on at once the next time. */
export class ResumeKeeper {
  /** Names on the disk that differ from the torrent's: first as they are remembered, then as they are. */
  changedNames: ChangedNames = NO_CHANGED_NAMES
  readonly #metainfo: Metainfo
  readonly #storage: Storage
  readonly #selection: Selection
  readonly #host: KeepingHost
  readonly #listener: KeeperListener
  /** The state in the file. */
  #saved: ResumeState | undefined
  /** Pieces that an earlier session synced and that were not hashed since. */
  #syncedBefore: Bitfield | undefined
  /** Once it is known what is there. */
  #sync: ContentSync | undefined
  #earlier: History = NO_HISTORY
  /** True once the action that follows a completed download has been done; saved by `save`. */
  isCompletionHandled = false
  #isWholeVerified = false
  #believed = 0
  #keptAt: number | undefined
  #isKeeping = false
  #saving: Promise<void> = Promise.resolve()

  constructor({ metainfo, storage, selection }: KeptContent, host: KeepingHost, listener: KeeperListener) {
    this.#metainfo = metainfo
    this.#storage = storage
    this.#selection = selection
    this.#host = host
    this.#listener = listener
  }

  /** Which bytes the parts file holds, as it was saved. */
  get parts(): PartExtents {
    return this.#saved?.parts ?? PartExtents.NONE
  }

  /** The pieces as they were saved last: first by an earlier session, then by this one. */
  get earlier(): EarlierState | undefined {
    return this.#saved && earlierState(this.#saved)
  }

  /** Loads the state that an earlier session saved, if it is still of use. */
  async load(): Promise<void> {
    const loaded = await this.#host.stateGate.run(() => loadResume(this.#metainfo, this.#storage.dir))
    if (loaded.type === 'ignored') debug('resume state ignored: %s', loaded.reason)
    if (loaded.type !== 'found') return
    const { state } = loaded
    this.#saved = state
    this.changedNames = state.changedNames
    this.#earlier = state
    this.isCompletionHandled = state.isCompletionHandled
    this.#syncedBefore = state.synced.copy()
  }

  /** A piece was hashed, or its bytes moved to another file, while the data was checked: they may be newer than what was synced. */
  pieceChecked(piece: number): void {
    this.#syncedBefore?.delete(piece)
  }

  /** The data was checked: these pieces are there, and the torrent adds to them. */
  begin(have: Bitfield): void {
    const synced = new Bitfield(have.length)
    for (const piece of this.#syncedBefore ?? []) if (have.has(piece)) synced.add(piece)
    this.#syncedBefore = undefined
    this.#sync = new ContentSync(this.#storage, this.#metainfo.entries, synced, this.#host.syncGate)
  }

  /** A piece is lost and will be written anew. */
  pieceLost(piece: number): void {
    this.#sync?.forget(piece)
  }

  /** True if the whole files were verified before, and are unchanged. */
  async wasWholeVerified(): Promise<boolean> {
    return this.#saved?.isWholeVerified === true && this.#isStillWhole(await this.#storage.files.stamps())
  }

  /** Notes the number of pieces that were not hashed in this session, since an earlier one had verified them. */
  believed(pieces: number): void {
    this.#believed = pieces
  }

  get believedPieces(): number {
    return this.#believed
  }

  /** When an earlier session verified what is believed, in ms since 1970; undefined where that is not known. */
  get verifiedAtMs(): number | undefined {
    const atMs = this.#saved?.verifiedAtMs ?? 0
    return atMs > 0 ? atMs : undefined
  }

  /** The whole files are verified: `save` remembers it from now on. */
  wholeVerified(): void {
    this.#isWholeVerified = true
  }

  /** All sessions together, with what this one has added so far. */
  historyWith(session: Omit<Progress, 'wanted'>): History {
    return {
      uploaded: this.#earlier.uploaded + session.uploaded,
      downloaded: this.#earlier.downloaded + session.downloaded,
      seedingSeconds: this.#earlier.seedingSeconds + session.seedingSeconds,
      isCompletionHandled: this.isCompletionHandled,
    }
  }

  /** True if an interval has passed and `keep` has something to do. To be called once a second. */
  isDue(now: number, { wanted: { have }, ...session }: Progress): boolean {
    this.#keptAt ??= now
    const waitedMs = now - this.#keptAt
    if (waitedMs < this.#host.saveIntervalMs || this.#isKeeping) return false
    const isBehind = this.#sync?.isBehind(have) === true || this.#saved?.pieces.count !== have.count
    // Without new pieces only totals change, which can wait longer.
    const hasCounted = this.#saved !== undefined && !isSameHistory(this.#saved, this.historyWith(session))
    const isDue = isBehind || (hasCounted && waitedMs >= HISTORY_INTERVALS * this.#host.saveIntervalMs)
    if (isDue || !hasCounted) this.#keptAt = now
    return isDue
  }

  /** Syncs what is new, and then saves; never rejects. */
  async keep(progress: Progress, signal: AbortSignal): Promise<void> {
    this.#isKeeping = true
    try {
      await this.#sync?.catchUp(progress.wanted.have, signal)
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
      this.#listener.onNotSynced(error)
    } finally {
      this.#isKeeping = false
    }
    await this.save(progress)
  }

  /**
   * Waits until the disk has all of the content, and nothing of it can be lost.
   * @throws {DiskError}
   */
  async syncAll(have: Bitfield, signal: AbortSignal): Promise<void> {
    await this.#sync?.syncAll(have, signal)
  }

  /** Saves what is known; never rejects. */
  save(progress: Progress): Promise<void> {
    this.#saving = this.#saving.then(() => this.#save(progress))
    return this.#saving
  }

  /** Waits for what is being synced. */
  async close(): Promise<void> {
    await this.#sync?.settle()
  }

  async #save({ wanted, ...session }: Progress): Promise<void> {
    const { have } = wanted
    try {
      // The files first: what is written after this makes them differ, and is checked again.
      const stamps = await this.#storage.files.stamps()
      const isNews = this.#believed === 0 || have.count !== this.#saved?.pieces.count
      const synced = this.#sync?.synced ?? new Bitfield(have.length)
      const state = {
        // Bytes that the disk has lost may be right while the system has them in memory, and wrong at the next start.
        pieces: this.#sync?.hasFailed || synced.equals(have) ? synced : have.copy(),
        synced,
        boot: currentBoot(),
        stamps,
        parts: this.#storage.parts.extents,
        changedNames: this.changedNames,
        ...this.historyWith(session),
        isWholeVerified: wanted.isDone && (this.#isWholeVerified || this.#isStillWhole(stamps)),
        selected: this.#selection.selected,
        verifiedAtMs: isNews ? Date.now() : (this.verifiedAtMs ?? 0),
      }
      // Of thousands that start and stop together hardly one has changed.
      if (this.#saved !== undefined && isSameState(this.#saved, state)) return
      await this.#host.stateGate.run(() => saveResume(this.#metainfo, this.#storage.dir, state))
      const hadParts = !this.parts.isEmpty
      this.#saved = state
      // Only now: the state before still counted on it.
      if (hadParts && state.parts.isEmpty) await removeParts(this.#metainfo, this.#storage.dir)
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
      this.#listener.onNotSaved(error)
    }
  }

  /** True if the selected files are among those that were verified as a whole, and still as they were then. */
  #isStillWhole(stamps: FileStamps): boolean {
    const saved = this.#saved
    if (saved === undefined || !saved.isWholeVerified) return false
    const wanted = new WantedPieces(
      reliablePieces(saved, currentBoot()),
      this.#selection.piecePriorities(this.#storage.map),
    )
    if (!wanted.isDone) return false
    for (const [index, { type }] of indexed(this.#metainfo.entries)) {
      if (type !== 'file' || !this.#selection.has(index)) continue
      const wasSelected = saved.selected?.has(index) ?? true
      if (!wasSelected || !isSameFile(saved.stamps.at(index), stamps.at(index))) return false
    }
    return true
  }
}
