import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '../../../base/errors.js'
import { foldedName } from './folding.js'
import { exists } from './name-probe.js'

/** The entries of a folder. An entry that was taken for one name is not found for another. */
export class FolderListing {
  readonly #folder: string
  readonly #free: Set<string>
  #byFolded: Map<string, string> | undefined

  private constructor(folder: string, names: readonly string[]) {
    this.#folder = folder
    this.#free = new Set(names)
  }

  /** A folder that is not there, or cannot be read, holds nothing. */
  static async read(folder: string): Promise<FolderListing> {
    try {
      return new FolderListing(folder, await readdir(folder))
    } catch (error) {
      if (systemCode(error) === '') throw error
      return new FolderListing(folder, [])
    }
  }

  get isEmpty(): boolean {
    return this.#free.size === 0
  }

  /** True if an entry of exactly this name exists and was not taken before. */
  take(name: string): boolean {
    return this.#free.delete(name)
  }

  /** As `take`, for what the file system finds by this name though it is written otherwise. */
  async takeAlike(name: string): Promise<boolean> {
    this.#byFolded ??= new Map([...this.#free].map(free => [foldedName(free), free]))
    const alike = this.#byFolded.get(foldedName(name))
    if (alike === undefined || !this.#free.has(alike)) return false
    return (await exists(join(this.#folder, name))) && this.#free.delete(alike)
  }
}
