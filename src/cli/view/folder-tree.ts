import type { EntryList } from '../../protocol/metainfo/metainfo.js'

const NONE = -1

/**
 * The folders of a torrent as a tree of numbers: an entry is its index in the list, a folder a number behind those. Children stand
 * in the order in which the list first names them; pads are left out.
 */
export class FolderTree {
  /** Files and symlinks. */
  fileCount = 0
  /** The folder that holds all others. */
  readonly root: number
  /** By node: the next one in the same folder. */
  #next: Int32Array<ArrayBuffer>
  // By folder, counted from the root.
  readonly #firstChild: number[] = []
  readonly #lastChild: number[] = []
  readonly #parents: number[] = []
  readonly #lengths: number[] = []
  /** An entry that lies below the folder, and how deep the folder is: together they say its name. */
  readonly #firstEntries: number[] = []
  readonly #depths: number[] = []
  readonly #entries: EntryList

  constructor(entries: EntryList) {
    this.#entries = entries
    this.root = entries.length
    this.#next = new Int32Array(entries.length + 1).fill(NONE)
    this.#addFolder(NONE, 0, 0)
    this.#build()
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
    const entry = this.#entries.at(this.#firstEntries[folder - this.root] ?? NONE)
    return entry?.path[(this.#depths[folder - this.root] ?? 0) - 1] ?? ''
  }

  #build(): void {
    /** By `<folder>/<name>`: the folders that are known. */
    const known = new Map<string, number>()
    /** The folders on the way to the entry before: those of one folder mostly follow one another. */
    let way: { name: string; folder: number }[] = []
    let index = -1
    for (const { type, path, length } of this.#entries) {
      index++
      if (type === 'pad') continue
      this.fileCount++
      let folder = this.root
      const depth = path.length - 1
      let isSame = true
      for (let i = 0; i < depth; i++) {
        const name = path[i] ?? ''
        const before = way[i]
        if (isSame && before?.name === name) {
          folder = before.folder
          continue
        }
        if (isSame) way = way.slice(0, i)
        isSame = false
        const key = `${folder}/${name}`
        const child = known.get(key) ?? this.#addFolder(folder, index, i + 1)
        known.set(key, child)
        way.push({ name, folder: child })
        folder = child
      }
      way.length = depth
      this.#append(folder, index)
      for (let at = folder; at !== NONE; at = this.#parents[at - this.root] ?? NONE) {
        this.#lengths[at - this.root] = (this.#lengths[at - this.root] ?? 0) + length
      }
    }
  }

  #addFolder(parent: number, entry: number, depth: number): number {
    const folder = this.root + this.#parents.length
    this.#parents.push(parent)
    this.#firstChild.push(NONE)
    this.#lastChild.push(NONE)
    this.#lengths.push(0)
    this.#firstEntries.push(entry)
    this.#depths.push(depth)
    if (folder >= this.#next.length) {
      const larger = new Int32Array(this.#next.length + Math.max(16, this.#parents.length)).fill(NONE)
      larger.set(this.#next)
      this.#next = larger
    }
    if (parent !== NONE) this.#append(parent, folder)
    return folder
  }

  #append(folder: number, node: number): void {
    const last = this.#lastChild[folder - this.root] ?? NONE
    if (last === NONE) this.#firstChild[folder - this.root] = node
    else this.#next[last] = node
    this.#lastChild[folder - this.root] = node
  }
}

function orUndefined(node: number | undefined): number | undefined {
  return node === undefined || node === NONE ? undefined : node
}
