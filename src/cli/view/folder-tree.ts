import type { EntryList } from '../../protocol/metainfo/metainfo.js'
import { PlacedEntries, ROOT_FOLDER } from '../../protocol/metainfo/placed-entries.js'
import { type EntryFolders, listedFolders } from './listed-folders.js'

const NONE = -1

/**
 * The folders of a torrent as a tree of nodes: an entry is its index in the list, a folder a number behind those. Children stand
 * in the order in which the list first names them; pads are left out. Memory: some numbers for each node.
 */
export class FolderTree {
  /** Files and symlinks. */
  readonly fileCount: number
  /** The folder that holds all others. */
  readonly root: number
  readonly #folders: EntryFolders
  /** By node: the next one in the same folder. */
  readonly #next: Int32Array
  readonly #firstChild: Int32Array
  readonly #lastChild: Int32Array
  readonly #lengths: Float64Array

  constructor(entries: EntryList) {
    this.#folders = entries instanceof PlacedEntries ? entries : listedFolders(entries)
    const { length, folderCount } = this.#folders
    this.root = length + ROOT_FOLDER
    this.#next = new Int32Array(length + folderCount).fill(NONE)
    this.#firstChild = new Int32Array(folderCount).fill(NONE)
    this.#lastChild = new Int32Array(folderCount).fill(NONE)
    this.#lengths = new Float64Array(folderCount)
    this.fileCount = this.#attachAll()
    this.#sumUp()
  }

  firstChildOf(folder: number): number | undefined {
    return orUndefined(this.#firstChild[folder - this.root])
  }

  nextOf(node: number): number | undefined {
    return orUndefined(this.#next[node])
  }

  /** Bytes of all files below a folder. */
  lengthOf(folder: number): number {
    return this.#lengths[folder - this.root] ?? 0
  }

  nameOf(folder: number): string {
    return this.#folders.folderName(folder - this.root)
  }

  #attachAll(): number {
    const { length, folderCount } = this.#folders
    const isAttached = new Uint8Array(folderCount)
    isAttached[ROOT_FOLDER] = 1
    let count = 0
    for (let index = 0; index < length; index++) {
      if (this.#folders.isPad(index)) continue
      count++
      const folder = this.#folders.folderOf(index)
      const fresh: number[] = []
      for (let at = folder; isAttached[at] === 0; at = this.#folders.parentOf(at)) {
        isAttached[at] = 1
        fresh.push(at)
      }
      for (const at of fresh.reverse()) this.#append(this.#folders.parentOf(at), this.root + at)
      this.#append(folder, index)
      this.#lengths[folder] = (this.#lengths[folder] ?? 0) + this.#folders.lengthOf(index)
    }
    return count
  }

  /** Adds what each folder holds to the one that it lies in, from the innermost on. */
  #sumUp(): void {
    for (let folder = this.#folders.folderCount - 1; folder > ROOT_FOLDER; folder--) {
      const parent = this.#folders.parentOf(folder)
      this.#lengths[parent] = (this.#lengths[parent] ?? 0) + (this.#lengths[folder] ?? 0)
    }
  }

  #append(folder: number, node: number): void {
    const last = this.#lastChild[folder] ?? NONE
    if (last === NONE) this.#firstChild[folder] = node
    else this.#next[last] = node
    this.#lastChild[folder] = node
  }
}

function orUndefined(node: number | undefined): number | undefined {
  return node === undefined || node === NONE ? undefined : node
}
