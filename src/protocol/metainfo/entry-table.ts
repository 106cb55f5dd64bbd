// The entries of a torrent in a few runs of memory: as objects, a hundred thousand files take ten times as much.

import { fromUtf8 } from '../../base/bytes.js'
import { HASH_LENGTH } from '../merkle.js'
import type { ContentEntry, EntryList, FileEntry } from './metainfo.js'

/** The entries of a table without their hashes, in memory that all threads may share. */
export interface PackedEntries {
  /** The index into `KINDS`, and `SHA256` and `PIECES_ROOT` for a file that has them. */
  readonly kinds: Uint8Array
  readonly offsets: Float64Array
  readonly lengths: Float64Array
  /** The end of each entry's text in `texts`. */
  readonly textEnds: Uint32Array
  /** UTF-8: the components of a path; those of a symlink's target behind them. */
  readonly texts: Uint8Array
}

/** 32 bytes an entry, whether it has a hash or not; empty where none has. */
export interface EntryHashes {
  readonly sha256s: Uint8Array
  readonly piecesRoots: Uint8Array
}

export const KINDS = ['pad', 'file', 'executable', 'symlink'] as const
const EXECUTABLE = KINDS.indexOf('executable')
export const KIND = 3
export const SHA256 = 4
export const PIECES_ROOT = 8

// Neither is ever a byte of UTF-8.
export const COMPONENT_END = 0xff
export const PATH_END = 0xfe

export const NO_BYTES = new Uint8Array(0)
const NO_HASHES: EntryHashes = { sha256s: NO_BYTES, piecesRoots: NO_BYTES }

/** Packed entries, of which each becomes an object when it is asked for. */
export class EntryTable implements EntryList {
  readonly packed: PackedEntries
  readonly #hashes: EntryHashes

  /** Without `hashes` no file has any. */
  constructor(packed: PackedEntries, hashes: EntryHashes = NO_HASHES) {
    this.packed = packed
    this.#hashes = hashes
  }

  get length(): number {
    return this.packed.kinds.length
  }

  *[Symbol.iterator](): Generator<ContentEntry> {
    for (let index = 0; index < this.length; index++) {
      const entry = this.at(index)
      if (entry !== undefined) yield entry
    }
  }

  at(index: number): ContentEntry | undefined {
    const kind = this.packed.kinds[index]
    if (kind === undefined) return undefined
    const length = this.packed.lengths[index] ?? 0
    const offset = this.packed.offsets[index] ?? 0
    switch (KINDS[kind & KIND]) {
      case 'pad':
        return { type: 'pad', path: padPath(length), length, offset }
      case 'symlink':
        return {
          type: 'symlink',
          path: this.pathOf(index),
          length,
          offset,
          target: this.#components(index, 1),
        }
      default:
        return new TableFile(this, index, { length, offset, isExecutable: (kind & KIND) === EXECUTABLE })
    }
  }

  pathOf(index: number): readonly string[] {
    return this.#components(index, 0)
  }

  sha256Of(index: number): Uint8Array | undefined {
    return this.#hashOf(index, SHA256, this.#hashes.sha256s)
  }

  piecesRootOf(index: number): Uint8Array | undefined {
    return this.#hashOf(index, PIECES_ROOT, this.#hashes.piecesRoots)
  }

  #hashOf(index: number, flag: number, hashes: Uint8Array): Uint8Array | undefined {
    const hasOne = ((this.packed.kinds[index] ?? 0) & flag) !== 0 && hashes.length > 0
    return hasOne ? hashes.subarray(index * HASH_LENGTH, (index + 1) * HASH_LENGTH) : undefined
  }

  #components(index: number, part: 0 | 1): string[] {
    const { texts, textEnds } = this.packed
    const end = textEnds[index] ?? 0
    const components: string[] = []
    let partOfText = 0
    let start = index === 0 ? 0 : (textEnds[index - 1] ?? 0)
    for (let at = start; at < end; at++) {
      const byte = texts[at]
      if (byte !== COMPONENT_END && byte !== PATH_END) continue
      // A copy, since shared memory cannot be decoded as it is.
      if (byte === COMPONENT_END && partOfText === part) components.push(textOf(texts.slice(start, at)))
      if (byte === PATH_END) partOfText++
      start = at + 1
    }
    return components
  }
}

/** A file of a table, with what few ask for made when they do. */
class TableFile implements FileEntry {
  readonly type = 'file'
  readonly length: number
  readonly offset: number
  readonly isExecutable: boolean
  readonly #table: EntryTable
  readonly #index: number

  constructor(
    table: EntryTable,
    index: number,
    { length, offset, isExecutable }: Pick<FileEntry, 'length' | 'offset' | 'isExecutable'>,
  ) {
    this.length = length
    this.offset = offset
    this.isExecutable = isExecutable
    this.#table = table
    this.#index = index
  }

  get path(): readonly string[] {
    return this.#table.pathOf(this.#index)
  }

  get sha256(): Uint8Array | undefined {
    return this.#table.sha256Of(this.#index)
  }

  get piecesRoot(): Uint8Array | undefined {
    return this.#table.piecesRootOf(this.#index)
  }
}

/** The path of zeros that align what follows, as most creators have it. */
export function padPath(length: number): readonly string[] {
  return ['.pad', String(length)]
}

/** UTF-8 as text; short names, as most are, without the decoder. */
export function textOf(bytes: Uint8Array): string {
  if (bytes.length > 32 || bytes.some(byte => byte >= 0x80)) return fromUtf8(bytes)
  return Reflect.apply(String.fromCharCode, undefined, bytes)
}
