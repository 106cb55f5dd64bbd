import type { Bitfield } from '../../base/bitfield.js'
import type { Selection } from '../../engine/pick/selection.js'
import type { WantedPieces } from '../../engine/pick/wanted-pieces.js'
import { DataError } from '../data-error.js'
import { DiskError } from '../disk/disk-error.js'
import type { ChecksumVerifier } from './checksum-verifier.js'
import { cutFiles, longerFile, longerFiles } from './longer-files.js'
import { type RecheckOptions, recheckFiles } from './recheck.js'
import type { TaskListener } from './task-listener.js'

/** Files that others change again and again are hashed no more often than this while the torrent goes on. */
const RECHECK_MS = 30_000

/** After this many rounds in which files had changed again, the program that writes to them has to be stopped first. */
const MAX_ROUNDS = 5

export interface ContentGuardOptions extends RecheckOptions {
  readonly selection: Selection
  readonly checksums: ChecksumVerifier
  /** Cut files that are longer than they should be; else they are an error. */
  readonly isTruncating: boolean
  /** Of an earlier guard. */
  readonly partlyHashed: ReadonlySet<number>
  readonly listener: Pick<TaskListener, 'onRechecked' | 'onRecheckFailed'>
}

/**
 * Keeps what is said of the content true: files that another program changes, as far as the file system tells, are hashed
 * again. While the torrent goes on that happens in the background; when its last piece is verified, before it is called
 * complete.
 */
export class ContentGuard {
  readonly #options: ContentGuardOptions
  /** Entries that were hashed again before all pieces were here: at the end they are hashed as a whole. */
  readonly #partly: Set<number>
  #isSuspicious = false
  #nextAt = Number.NEGATIVE_INFINITY
  #recheck: Promise<void> | undefined
  /** The number of times that pieces were lost. */
  #losses = 0

  constructor(options: ContentGuardOptions) {
    this.#options = options
    this.#partly = new Set(options.partlyHashed)
  }

  /** Entries that were hashed again and have to be so once more, as a whole, when all pieces are here. */
  get partlyHashed(): ReadonlySet<number> {
    return this.#partly
  }

  /** A file turned out to be changed: its pieces are hashed again soon. */
  suspect(): void {
    this.#isSuspicious = true
  }

  /** Once a second. */
  onSecond(now: number, have: Bitfield): void {
    if (!this.#isSuspicious || this.#recheck !== undefined || now < this.#nextAt) return
    this.#isSuspicious = false
    this.#nextAt = now + RECHECK_MS
    this.#recheck = this.#recheckInBackground(have).finally(() => {
      this.#recheck = undefined
    })
  }

  /** Waits until nothing is hashed in the background any more. */
  async idle(): Promise<void> {
    await this.#recheck
  }

  /**
   * All pieces that are wanted are verified: whether the files hold them still, and the selected ones are as a whole what the
   * torrent states. `lost`: some of the pieces are not right any more, and have to be fetched again.
   * @throws {DiskError} `changed`: the files are being changed all the time; `exists`: one is longer than it should be
   * @throws {DataError} `checksum`: the pieces are right and a whole file is not, so the publisher stated a wrong sum
   */
  async verifyWhole(wanted: WantedPieces): Promise<'whole' | 'lost'> {
    await this.idle()
    const { storage } = this.#options
    let wrongBefore: readonly number[] = []
    for (let round = 0; ; round++) {
      let suspects: readonly number[] = [
        ...new Set([...(await storage.files.findChanged()), ...this.#partly]),
      ]
      if (suspects.length === 0) {
        const wrong = await this.#compareSums()
        if (wrong === 'changed' || (await storage.files.findChanged()).length > 0) continue
        const [firm] = wrong.filter(entryIndex => wrongBefore.includes(entryIndex))
        if (firm !== undefined) throw this.#wrongSum(firm)
        if (wrong.length === 0) {
          await this.#endLonger(wanted.have)
          return 'whole'
        }
        suspects = wrong
        wrongBefore = wrong
      }
      if (round >= MAX_ROUNDS || this.#losses >= MAX_ROUNDS) throw this.#keepsChanging(suspects[0] ?? 0)
      if (await this.#losesPieces(suspects, wanted)) return 'lost'
    }
  }

  /** All pieces may be right, and a file end behind them. */
  async #endLonger(have: Bitfield): Promise<void> {
    const { storage, metainfo, selection, isTruncating } = this.#options
    const stamps = await storage.files.stamps()
    const longer = longerFiles(metainfo, stamps).filter(entryIndex => selection.has(entryIndex))
    const [first] = longer
    if (first === undefined) return
    if (!isTruncating) throw longerFile(storage.pathOf(first))
    await cutFiles({ storage, metainfo, map: storage.map, have, isKnown: true }, longer)
  }

  /** The entries whose sums are wrong; `changed` where another program took a file away, or cut it, meanwhile. */
  async #compareSums(): Promise<readonly number[] | 'changed'> {
    try {
      return await this.#options.checksums.compare()
    } catch (error) {
      if (!(error instanceof DiskError)) throw error
      const isChanged = (await this.#options.storage.files.findChanged()).length > 0
      if (!isChanged) throw error
      return 'changed'
    }
  }

  /** Hashes files again: whether some of their pieces that are wanted are not right any more. */
  async #losesPieces(entryIndices: readonly number[], wanted: WantedPieces): Promise<boolean> {
    const found = await recheckFiles(this.#options, entryIndices, wanted.have)
    this.#partly.clear()
    this.#options.checksums.forget(entryIndices)
    this.#options.listener.onRechecked(found, entryIndices)
    if (wanted.isDone) return false
    this.#losses++
    return true
  }

  async #recheckInBackground(have: Bitfield): Promise<void> {
    const { storage, checksums, signal } = this.#options
    try {
      const changed = storage.files.noticed()
      if (changed.length === 0) return
      for (const entryIndex of changed) this.#partly.add(entryIndex)
      checksums.forget(changed)
      const found = await recheckFiles(this.#options, changed, have)
      if (!signal.aborted) this.#options.listener.onRechecked(found, changed)
    } catch (error) {
      if (!signal.aborted) this.#options.listener.onRecheckFailed(error)
    }
  }

  #keepsChanging(entryIndex: number): DiskError {
    const path = this.#options.storage.pathOf(entryIndex)
    const message = `Another program keeps changing ${path}: stop that program and start again`
    return new DiskError('changed', message, { path })
  }

  #wrongSum(entryIndex: number): DataError {
    const path = this.#options.storage.pathOf(entryIndex)
    const message = `${path}: all its pieces are right, but its SHA-256 is not the one that the torrent states: the torrent is wrong`
    return new DataError('checksum', message, { path })
  }
}
