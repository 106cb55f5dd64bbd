import type { FileLedger } from './file-ledger.js'
import { FileStamps } from './file-stamps.js'
import { indexed } from './layout.js'
import type { StorageLinks } from './links/storage-links.js'
import { stampsOf } from './stamps.js'

/**
 * The files of a storage as the main thread sees them: which are as they were when their bytes were last known, and which
 * another program changed. Methods that ask workers throw `DiskError`.
 */
export class KnownFiles {
  readonly #links: StorageLinks
  readonly #ledger: FileLedger

  constructor(links: StorageLinks) {
    this.#links = links
    this.#ledger = links.source.ledger
  }

  /** The stamp of every file, before the content is hashed or believed: from now on files that look otherwise are changed. */
  async survey(): Promise<FileStamps> {
    const stamps = await stampsOf(this.#links)
    for (const [entryIndex, stamp] of indexed(stamps)) this.#ledger.know(entryIndex, stamp)
    return stamps
  }

  /** Files whose change was noticed, and whose pieces were not hashed again since. Does not touch the disk. */
  noticed(): number[] {
    const changed: number[] = []
    for (let entryIndex = 0; entryIndex < this.#ledger.fileCount; entryIndex++)
      if (this.#ledger.isChanged(entryIndex)) changed.push(entryIndex)
    return changed
  }

  /** Looks at all files, when none is being written to. Gives those that another program changed, as far as the file system tells. */
  async findChanged(): Promise<number[]> {
    const stamps = await this.#settledStamps()
    for (const [entryIndex, stamp] of indexed(stamps))
      if (!this.#ledger.agrees(entryIndex, stamp)) this.#ledger.noteChange(entryIndex)
    return this.noticed()
  }

  /**
   * The stamps of the files from when their bytes were last known; `missing` for files whose bytes are unknown, or that are being
   * written to.
   */
  async stamps(): Promise<FileStamps> {
    const stamps = FileStamps.missing(this.#ledger.fileCount)
    let hasUnknown = false
    for (let entryIndex = 0; entryIndex < stamps.length; entryIndex++) {
      if (this.#ledger.isChanged(entryIndex) || this.#ledger.isHeld(entryIndex)) continue
      const known = this.#ledger.known(entryIndex)
      if (known === undefined) hasUnknown = true
      else stamps.set(entryIndex, known)
    }
    if (!hasUnknown) return stamps
    for (const [entryIndex, stamp] of indexed(await stampsOf(this.#links))) {
      const isUnknown = this.#ledger.known(entryIndex) === undefined && !this.#ledger.isChanged(entryIndex)
      if (isUnknown) stamps.set(entryIndex, stamp)
    }
    return stamps
  }

  /** Takes files as they are now: to be called before their pieces are hashed again. */
  async rebase(entryIndices: readonly number[]): Promise<void> {
    const { storage } = this.#links
    await this.#links.call(this.#links.leastBusy(), { type: 'rebase', storage, entryIndices }, 'done')
  }

  /** Cuts files to the length that they should have. */
  async truncate(entryIndices: readonly number[]): Promise<void> {
    const { storage } = this.#links
    await this.#links.call(this.#links.leastBusy(), { type: 'truncate', storage, entryIndices }, 'done')
  }

  /** If stamps hold only after a file is closed, closes files that were written to, and takes their stamps then. */
  async #settledStamps(): Promise<FileStamps> {
    const isUnknown = (entryIndex: number) => this.#ledger.known(entryIndex) === undefined
    let hasUnknown = false
    for (let entryIndex = 0; entryIndex < this.#ledger.fileCount && !hasUnknown; entryIndex++)
      hasUnknown = isUnknown(entryIndex)
    if (hasUnknown) await this.#links.callAll('close')
    const stamps = await stampsOf(this.#links)
    if (!hasUnknown) return stamps
    for (const [entryIndex, stamp] of indexed(stamps))
      if (isUnknown(entryIndex)) this.#ledger.know(entryIndex, stamp)
    return stamps
  }
}
