// The entries of a torrent as it was read: numbers, and names that stay where they are in the bytes of the torrent.

import { HASH_LENGTH } from '../merkle.js'
import { KIND, KINDS, PIECES_ROOT, padPath, SHA256, textOf } from './entry-table.js'
import type { ContentEntry, EntryList, FileEntry } from './metainfo.js'

/** A thing that has a name: entry `i` is `2 * i`, folder `i` is `2 * i + 1`. */
export type NodeNumber = number

/** The folder of the content, which has no name here. */
export const ROOT_FOLDER = 0

export interface PlacedColumns {
  // By entry; the kinds as in `PackedEntries`.
  readonly kinds: Uint8Array
  readonly offsets: Float64Array
  readonly lengths: Float64Array
  readonly folders: Int32Array
  readonly nameStarts: Uint32Array
  readonly nameEnds: Uint32Array
  /** The offset of each entry's hash in the bytes of the torrent; undefined if no entry has one. */
  readonly sha256s: Uint32Array | undefined
  readonly piecesRoots: Uint32Array | undefined
  /** Of symlinks, the node that they lead to; undefined where there is none. */
  readonly targets: Int32Array | undefined
  // By folder.
  readonly folderParents: Int32Array
  readonly folderNameStarts: Uint32Array
  readonly folderNameEnds: Uint32Array
  /** The bytes that names are parts of: those of the torrent, followed by the names that differ from the torrent's. */
  readonly bytes: Uint8Array
  readonly otherNames: Uint8Array
}

/** Entries of which each becomes an object when it is asked for. */
export class PlacedEntries implements EntryList {
  readonly length: number
  readonly folderCount: number
  readonly #columns: PlacedColumns

  constructor(columns: PlacedColumns, length: number, folderCount: number) {
    this.#columns = columns
    this.length = length
    this.folderCount = folderCount
  }

  *[Symbol.iterator](): Generator<ContentEntry> {
    for (let index = 0; index < this.length; index++) {
      const entry = this.at(index)
      if (entry !== undefined) yield entry
    }
  }

  at(index: number): ContentEntry | undefined {
    if (!(index >= 0 && index < this.length)) return undefined
    const { kinds, lengths, offsets, targets } = this.#columns
    const length = lengths[index] ?? 0
    const offset = offsets[index] ?? 0
    const kind = KINDS[(kinds[index] ?? 0) & KIND]
    switch (kind) {
      case 'symlink': {
        const target = this.#pathOf(targets?.[index] ?? ROOT_FOLDER)
        return { type: 'symlink', path: this.#pathOf(2 * index), length, offset, target }
      }
      case 'file':
      case 'executable':
        return new PlacedFile(this, index, { length, offset, isExecutable: kind === 'executable' })
      default:
        return { type: 'pad', path: padPath(length), length, offset }
    }
  }

  /** Bytes of all paths, each written out: the names of folders count as often as entries lie below them. */
  get pathsLength(): number {
    const { nameStarts, nameEnds, folderNameStarts, folderNameEnds } = this.#columns
    const folderLengths = new Float64Array(this.folderCount)
    for (let folder = ROOT_FOLDER + 1; folder < this.folderCount; folder++) {
      const name = (folderNameEnds[folder] ?? 0) - (folderNameStarts[folder] ?? 0)
      folderLengths[folder] = (folderLengths[this.parentOf(folder)] ?? 0) + name + 1
    }
    let sum = 0
    for (let index = 0; index < this.length; index++) {
      const name = (nameEnds[index] ?? 0) - (nameStarts[index] ?? 0)
      sum += (folderLengths[this.folderOf(index)] ?? 0) + name
    }
    return sum
  }

  isPad(index: number): boolean {
    return KINDS[(this.#columns.kinds[index] ?? 0) & KIND] === 'pad'
  }

  lengthOf(index: number): number {
    return this.#columns.lengths[index] ?? 0
  }

  /** The folder that an entry lies in. */
  folderOf(index: number): number {
    return this.#columns.folders[index] ?? ROOT_FOLDER
  }

  /** The folder that a folder lies in; always one with a lower number. */
  parentOf(folder: number): number {
    return this.#columns.folderParents[folder] ?? ROOT_FOLDER
  }

  folderName(folder: number): string {
    const { folderNameStarts, folderNameEnds } = this.#columns
    return this.#text(folderNameStarts[folder] ?? 0, folderNameEnds[folder] ?? 0)
  }

  entryPath(index: number): readonly string[] {
    return this.#pathOf(2 * index)
  }

  sha256Of(index: number): Uint8Array | undefined {
    return this.#hashOf(index, SHA256, this.#columns.sha256s)
  }

  piecesRootOf(index: number): Uint8Array | undefined {
    return this.#hashOf(index, PIECES_ROOT, this.#columns.piecesRoots)
  }

  #hashOf(index: number, flag: number, places: Uint32Array | undefined): Uint8Array | undefined {
    const { kinds, bytes } = this.#columns
    const start = ((kinds[index] ?? 0) & flag) === 0 ? undefined : places?.[index]
    return start === undefined ? undefined : bytes.subarray(start, start + HASH_LENGTH)
  }

  #pathOf(node: NodeNumber): readonly string[] {
    const { nameStarts, nameEnds } = this.#columns
    const path: string[] = []
    let folder = node >> 1
    if (node % 2 === 0) {
      path.push(this.#text(nameStarts[folder] ?? 0, nameEnds[folder] ?? 0))
      folder = this.folderOf(folder)
    }
    for (; folder !== ROOT_FOLDER; folder = this.parentOf(folder)) path.push(this.folderName(folder))
    return path.reverse()
  }

  #text(start: number, end: number): string {
    return textOf(nameBytes(this.#columns, start, end))
  }
}

/** A file, with what few ask for made when they do. */
class PlacedFile implements FileEntry {
  readonly type = 'file'
  readonly length: number
  readonly offset: number
  readonly isExecutable: boolean
  readonly #entries: PlacedEntries
  readonly #index: number

  constructor(
    entries: PlacedEntries,
    index: number,
    { length, offset, isExecutable }: Pick<FileEntry, 'length' | 'offset' | 'isExecutable'>,
  ) {
    this.length = length
    this.offset = offset
    this.isExecutable = isExecutable
    this.#entries = entries
    this.#index = index
  }

  get path(): readonly string[] {
    return this.#entries.entryPath(this.#index)
  }

  get sha256(): Uint8Array | undefined {
    return this.#entries.sha256Of(this.#index)
  }

  get piecesRoot(): Uint8Array | undefined {
    return this.#entries.piecesRootOf(this.#index)
  }
}

/** A name by its place: one behind the bytes of the torrent is among the other names. */
export function nameBytes(
  { bytes, otherNames }: Pick<PlacedColumns, 'bytes' | 'otherNames'>,
  start: number,
  end: number,
): Uint8Array {
  const { length } = bytes
  return start < length ? bytes.subarray(start, end) : otherNames.subarray(start - length, end - length)
}
