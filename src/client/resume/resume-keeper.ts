import type { Bitfield } from '../../base/bitfield.js'
import type { Gate } from '../../base/gate.js'
import { debugLog } from '../../base/log.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import { DiskError } from '../disk/disk-error.js'
import { isSameFile } from '../disk/file-stamp.js'
import type { FileStamps } from '../disk/file-stamps.js'
import { indexed } from '../disk/layout.js'
import type { Storage } from '../disk/storage.js'
import type { EarlierState } from '../task/existing-data.js'
import { loadResume, saveResume } from './resume-file.js'
import { isSameState, isTrustworthy, machineBootTimeMs, type ResumeState } from './resume-state.js'

const debug = debugLog('client')

/** How often what is known is written down while pieces come. */
const SAVE_MS = 30_000

/** What is to be remembered beside the pieces. */
export interface Progress {
  readonly have: Bitfield
  /** Bytes in this session. */
  readonly uploaded: number
  readonly downloaded: number
}

/** Remembers how far a torrent has come, so that it goes on at once the next time. */
export class ResumeKeeper {
  readonly #metainfo: Metainfo
  readonly #dir: string
  readonly #gate: Gate
  readonly #onProblem: (error: DiskError) => void
  /** What the file holds. */
  #saved: ResumeState | undefined
  /** Bytes of earlier sessions. */
  #earlier: Pick<Progress, 'uploaded' | 'downloaded'> = { uploaded: 0, downloaded: 0 }
  #isWholeVerified = false
  #savedAt: number | undefined
  #saving: Promise<void> = Promise.resolve()

  /**
   * @param gate what all keepers of a session read and write through
   * @param onProblem the state could not be written; nothing is lost but time at the next start
   */
  constructor(metainfo: Metainfo, dir: string, gate: Gate, onProblem: (error: DiskError) => void) {
    this.#metainfo = metainfo
    this.#dir = dir
    this.#gate = gate
    this.#onProblem = onProblem
  }

  /** What an earlier session left, where it is still worth something. */
  async load(): Promise<EarlierState | undefined> {
    const loaded = await this.#gate.run(() => loadResume(this.#metainfo, this.#dir))
    if (loaded.type === 'ignored') debug('resume state ignored: %s', loaded.reason)
    if (loaded.type !== 'found') return undefined
    const { state } = loaded
    this.#saved = state
    this.#earlier = { uploaded: state.uploaded, downloaded: state.downloaded }
    const isTrusted = isTrustworthy(state)
    return {
      have: state.pieces,
      isUnchanged: (entryIndex, stamp) => isTrusted && isSameFile(state.stamps.at(entryIndex), stamp),
    }
  }

  /** Whether the whole files were verified before, and are as they were then. */
  async wasWholeVerified(storage: Storage): Promise<boolean> {
    return this.#saved?.isWholeVerified === true && this.#isStillWhole(await storage.stat())
  }

  /** The whole files are verified: `save` remembers it from now on. */
  wholeVerified(): void {
    this.#isWholeVerified = true
  }

  /** Saves now and then, when something has changed. */
  saveSometimes(now: number, storage: Storage, progress: Progress): void {
    this.#savedAt ??= now
    if (now - this.#savedAt < SAVE_MS || progress.have.count === this.#saved?.pieces.count) return
    this.#savedAt = now
    void this.save(storage, progress)
  }

  /** Saves what is known; never rejects. */
  save(storage: Storage, progress: Progress): Promise<void> {
    this.#saving = this.#saving.then(() => this.#save(storage, progress))
    return this.#saving
  }

  async #save(storage: Storage, { have, uploaded, downloaded }: Progress): Promise<void> {
    try {
      // The files first: what is written after this look makes them differ, and is checked again.
      const stamps = await storage.stat()
      const state = {
        pieces: have.copy(),
        stamps,
        uploaded: this.#earlier.uploaded + uploaded,
        downloaded: this.#earlier.downloaded + downloaded,
        isWholeVerified: this.#isWholeVerified || (have.isFull && this.#isStillWhole(stamps)),
        isSettled: storage.isSettled,
        bootTimeMs: machineBootTimeMs(),
      }
      // Of thousands that start and stop together hardly one has changed.
      if (this.#saved !== undefined && isSameState(this.#saved, state)) return
      await this.#gate.run(() => saveResume(this.#metainfo, this.#dir, state))
      this.#saved = state
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
      this.#onProblem(error)
    }
  }

  /** Whether the files are those that were verified whole. */
  #isStillWhole(stamps: FileStamps): boolean {
    const saved = this.#saved
    if (saved === undefined || !saved.isWholeVerified || !isTrustworthy(saved)) return false
    for (const [index, { type }] of indexed(this.#metainfo.entries)) {
      if (type === 'file' && !isSameFile(saved.stamps.at(index), stamps.at(index))) return false
    }
    return true
  }
}
