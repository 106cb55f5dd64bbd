// The columns of `PlacedEntries` while they are being filled.

import { KIND, KINDS, PIECES_ROOT, SHA256 } from '../entry-table.js'
import { nameBytes, type PlacedColumns, PlacedEntries, ROOT_FOLDER } from '../placed-entries.js'
import type { NamedThings } from './name-index.js'
import type { RawEntry } from './raw-entry.js'

export const NO_NODE = -1

/** As things with names, entries are even numbers and folders odd ones. */
export class EntryColumns implements NamedThings {
  length = 0
  /** The root is one of them. */
  folderCount = 1
  /** Of the torrent. */
  readonly bytes: Uint8Array
  readonly #kinds: Uint8Array
  readonly #offsets: Float64Array
  readonly #lengths: Float64Array
  readonly #folders: Int32Array
  readonly #nameStarts: Uint32Array
  readonly #nameEnds: Uint32Array
  #sha256s: Uint32Array | undefined
  #piecesRoots: Uint32Array | undefined
  #targets: Int32Array | undefined
  #folderParents = new Int32Array(4)
  #folderNameStarts = new Uint32Array(4)
  #folderNameEnds = new Uint32Array(4)
  #otherNames = new Uint8Array(0)
  #otherLength = 0

  /**
   * @param bytes those of the torrent
   * @param capacity of how many entries there can be at the most: memory that is not used is not taken either
   */
  constructor(bytes: Uint8Array, capacity: number) {
    this.bytes = bytes
    this.#kinds = new Uint8Array(capacity)
    this.#offsets = new Float64Array(capacity)
    this.#lengths = new Float64Array(capacity)
    this.#folders = new Int32Array(capacity)
    this.#nameStarts = new Uint32Array(capacity)
    this.#nameEnds = new Uint32Array(capacity)
  }

  placeOf(node: number): number {
    const index = node >> 1
    return (node % 2 === 0 ? this.#folders[index] : this.#folderParents[index]) ?? ROOT_FOLDER
  }

  nameOf(node: number): Uint8Array {
    const [start, end] = this.#nameRange(node)
    return nameBytes({ bytes: this.bytes, otherNames: this.#otherNames }, start, end)
  }

  /** True if the name of a node differs from the torrent's. */
  isRenamed(node: number): boolean {
    return this.#nameRange(node)[0] >= this.bytes.length
  }

  isFolder(node: number): boolean {
    return node % 2 === 1
  }

  /** Adds an entry that has no name yet, and returns its index. */
  add(entry: RawEntry): number {
    const index = this.length++
    this.#offsets[index] = entry.offset
    this.#lengths[index] = entry.length
    const isExecutable = entry.type === 'file' && entry.isExecutable
    this.#kinds[index] = KINDS.indexOf(isExecutable ? 'executable' : entry.type)
    if (entry.type === 'file') {
      this.#sha256s = this.#putHash(this.#sha256s, index, entry.sha256, SHA256)
      this.#piecesRoots = this.#putHash(this.#piecesRoots, index, entry.piecesRoot, PIECES_ROOT)
    }
    return index
  }

  /** @param name a view into the bytes of the torrent, or any other bytes */
  setName(index: number, folder: number, name: Uint8Array): void {
    const [start, end] = this.#placeOfName(name)
    this.#folders[index] = folder
    this.#nameStarts[index] = start
    this.#nameEnds[index] = end
  }

  setTarget(index: number, node: number): void {
    this.#targets ??= new Int32Array(this.#kinds.length).fill(NO_NODE)
    this.#targets[index] = node
  }

  targetOf(index: number): number {
    return this.#targets?.[index] ?? NO_NODE
  }

  isLink(index: number): boolean {
    return KINDS[(this.#kinds[index] ?? 0) & KIND] === 'symlink'
  }

  addFolder(parent: number, name: Uint8Array): number {
    if (this.folderCount === this.#folderParents.length) this.#growFolders()
    const folder = this.folderCount++
    const [start, end] = this.#placeOfName(name)
    this.#folderParents[folder] = parent
    this.#folderNameStarts[folder] = start
    this.#folderNameEnds[folder] = end
    return folder
  }

  /** Takes out the symlinks that have no target. */
  dropLooseLinks(): void {
    const moved = new Int32Array(this.length)
    let kept = 0
    for (let index = 0; index < this.length; index++) {
      moved[index] = kept
      if (this.isLink(index) && this.targetOf(index) === NO_NODE) continue
      if (kept < index) this.#move(index, kept)
      kept++
    }
    this.length = kept
    const targets = this.#targets
    if (targets === undefined) return
    for (let index = 0; index < kept; index++) {
      const target = targets[index] ?? NO_NODE
      if (target >= 0 && !this.isFolder(target)) targets[index] = 2 * (moved[target >> 1] ?? 0)
    }
  }

  finish(): PlacedEntries {
    const columns: PlacedColumns = {
      kinds: this.#kinds,
      offsets: this.#offsets,
      lengths: this.#lengths,
      folders: this.#folders,
      nameStarts: this.#nameStarts,
      nameEnds: this.#nameEnds,
      sha256s: this.#sha256s,
      piecesRoots: this.#piecesRoots,
      targets: this.#targets,
      folderParents: this.#folderParents,
      folderNameStarts: this.#folderNameStarts,
      folderNameEnds: this.#folderNameEnds,
      bytes: this.bytes,
      otherNames: this.#otherNames,
    }
    return new PlacedEntries(columns, this.length, this.folderCount)
  }

  #nameRange(node: number): [start: number, end: number] {
    const index = node >> 1
    return node % 2 === 0
      ? [this.#nameStarts[index] ?? 0, this.#nameEnds[index] ?? 0]
      : [this.#folderNameStarts[index] ?? 0, this.#folderNameEnds[index] ?? 0]
  }

  #placeOfName(name: Uint8Array): [start: number, end: number] {
    const { length } = this.bytes
    if (name.buffer === this.bytes.buffer) {
      const start = name.byteOffset - this.bytes.byteOffset
      if (start >= 0 && start + name.length <= length) return [start, start + name.length]
    }
    const start = this.#otherLength
    this.#otherLength += name.length
    if (this.#otherLength > this.#otherNames.length) {
      const larger = new Uint8Array(2 * this.#otherLength)
      larger.set(this.#otherNames)
      this.#otherNames = larger
    }
    this.#otherNames.set(name, start)
    return [length + start, length + this.#otherLength]
  }

  #putHash(
    places: Uint32Array | undefined,
    index: number,
    hash: Uint8Array | undefined,
    flag: number,
  ): Uint32Array | undefined {
    if (hash === undefined) return places
    const column = places ?? new Uint32Array(this.#kinds.length)
    column[index] = hash.byteOffset - this.bytes.byteOffset
    this.#kinds[index] = (this.#kinds[index] ?? 0) | flag
    return column
  }

  #move(from: number, to: number): void {
    for (const column of [
      this.#kinds,
      this.#offsets,
      this.#lengths,
      this.#folders,
      this.#nameStarts,
      this.#nameEnds,
    ])
      column[to] = column[from] ?? 0
    if (this.#targets !== undefined) this.#targets[to] = this.#targets[from] ?? NO_NODE
    for (const places of [this.#sha256s, this.#piecesRoots]) {
      if (places !== undefined) places[to] = places[from] ?? 0
    }
  }

  #growFolders(): void {
    const length = 2 * this.#folderParents.length
    const grown = <Numbers extends Int32Array | Uint32Array>(to: Numbers, from: Numbers): Numbers => {
      to.set(from)
      return to
    }
    this.#folderParents = grown(new Int32Array(length), this.#folderParents)
    this.#folderNameStarts = grown(new Uint32Array(length), this.#folderNameStarts)
    this.#folderNameEnds = grown(new Uint32Array(length), this.#folderNameEnds)
  }
}
