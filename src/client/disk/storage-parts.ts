import { partsIndexOf } from './layout.js'
import type { StorageLinks } from './links/storage-links.js'
import { PartExtents, type PartsFile } from './part-extents.js'

/** Extents that a worker copies in one call. */
const EXTENTS_A_CALL = 64

/** The parts file of a storage: where bytes of files lie that are not selected. Methods throw `DiskError`. */
export class StorageParts {
  readonly #links: StorageLinks

  constructor(links: StorageLinks) {
    this.#links = links
  }

  /** Which bytes lie in the parts file. */
  get extents(): PartExtents {
    return this.#links.source.parts?.extents ?? PartExtents.NONE
  }

  /** Which bytes lie there from now on. Called while nothing is read or written, as workers are told anew of the storage. */
  async use(file: PartsFile): Promise<void> {
    const wasEmpty = this.extents.isEmpty
    const isEmpty = file.extents.isEmpty
    if (wasEmpty && isEmpty) return
    await this.#links.useParts(isEmpty ? undefined : file)
    if (wasEmpty === isEmpty) return
    // A file that an earlier session left there is taken as it is: its bytes are written before they are read.
    const { source, storage } = this.#links
    const entryIndices = [partsIndexOf(source.layout)]
    await this.#links.call(this.#links.leastBusy(), { type: 'rebase', storage, entryIndices }, 'done')
  }

  /** Copies bytes into the files that they belong to, which are created. Rejects with the signal's reason once aborted. */
  async take(extents: PartExtents, signal: AbortSignal): Promise<void> {
    const { storage } = this.#links
    for (let first = 0; first < extents.count; first += EXTENTS_A_CALL) {
      signal.throwIfAborted()
      const { packed } = extents.slice(first, EXTENTS_A_CALL)
      const task = { type: 'take-parts' as const, storage, extents: packed }
      await this.#links.call(this.#links.leastBusy(), task, 'done')
    }
  }
}
