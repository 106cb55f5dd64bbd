// The entries of a torrent in a few runs of memory: as objects, a hundred thousand files take ten times as much.

import { fromUtf8, toUtf8 } from '../../base/bytes.js'
import { HASH_LENGTH } from '../merkle.js'
import type { ContentEntry, EntryList, FileEntry } from './metainfo.js'

/** What a table has of its entries but their hashes, in memory that all threads may share. */
export interface PackedEntries {
  /** The index into `KINDS`, and `SHA256` and `PIECES_ROOT` for a file that has them. */
  readonly kinds: Uint8Array
  readonly offsets: Float64Array
  readonly lengths: Float64Array
  /** Where the text of each entry ends in `texts`. */
  readonly textEnds: Uint32Array
  /** UTF-8: the components of a path; those of a symlink's target behind them. */
  readonly texts: Uint8Array
}

interface Hashes {
  readonly sha256s: Uint8Array
  readonly piecesRoots: Uint8Array
}

const KINDS = ['pad', 'file', 'executable', 'symlink'] as const
const EXECUTABLE = KINDS.indexOf('executable')
const KIND = 3
const SHA256 = 4
const PIECES_ROOT = 8

// Neither is ever a byte of UTF-8.
const COMPONENT_END = 0xff
const PATH_END = 0xfe

const NO_BYTES = new Uint8Array(0)
const NO_HASHES: Hashes = { sha256s: NO_BYTES, piecesRoots: NO_BYTES }

/** Packed entries, of which each becomes an object when it is asked for. */
export class EntryTable implements EntryList {
  readonly packed: PackedEntries
  readonly #hashes: Hashes

  /** Without `hashes` no file has any. */
  constructor(packed: PackedEntries, hashes: Hashes = NO_HASHES) {
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

/** Puts entries into a table, one behind the other; their paths may hold anything, but those of pads are not kept. */
export class EntryTableBuilder {
  #length = 0
  #kinds = new Uint8Array(1)
  #offsets = new Float64Array(1)
  #lengths = new Float64Array(1)
  #textEnds = new Uint32Array(1)
  #texts = new Uint8Array(32)
  #textEnd = 0
  #sha256s: Uint8Array<ArrayBuffer> | undefined
  #piecesRoots: Uint8Array<ArrayBuffer> | undefined

  get length(): number {
    return this.#length
  }

  add(entry: ContentEntry): void {
    if (this.#length === this.#kinds.length) this.#grow()
    const index = this.#length++
    this.#offsets[index] = entry.offset
    this.#lengths[index] = entry.length
    const isExecutable = entry.type === 'file' && entry.isExecutable
    this.#kinds[index] = KINDS.indexOf(isExecutable ? 'executable' : entry.type)
    if (entry.type !== 'pad') this.#putPath(entry.path)
    if (entry.type === 'symlink') {
      this.#putByte(PATH_END)
      this.#putPath(entry.target)
    }
    this.#textEnds[index] = this.#textEnd
    if (entry.type === 'file') this.setHashes(index, entry)
  }

  setExecutable(index: number, isExecutable: boolean): void {
    const others = (this.#kinds[index] ?? 0) & ~KIND
    this.#kinds[index] = others | KINDS.indexOf(isExecutable ? 'executable' : 'file')
  }

  /** Says the hashes of a file that was added; those that are undefined stay as they are. */
  setHashes(
    index: number,
    hashes: { sha256: Uint8Array | undefined; piecesRoot: Uint8Array | undefined },
  ): void {
    const { sha256, piecesRoot } = hashes
    let flags = 0
    if (sha256 !== undefined) {
      this.#sha256s ??= new Uint8Array(this.#kinds.length * HASH_LENGTH)
      this.#sha256s.set(sha256, index * HASH_LENGTH)
      flags |= SHA256
    }
    if (piecesRoot !== undefined) {
      this.#piecesRoots ??= new Uint8Array(this.#kinds.length * HASH_LENGTH)
      this.#piecesRoots.set(piecesRoot, index * HASH_LENGTH)
      flags |= PIECES_ROOT
    }
    this.#kinds[index] = (this.#kinds[index] ?? 0) | flags
  }

  /** The table without a copy of it: nothing may be added any more. */
  view(): EntryTable {
    const count = this.#length
    return new EntryTable(
      {
        kinds: this.#kinds.subarray(0, count),
        offsets: this.#offsets,
        lengths: this.#lengths,
        textEnds: this.#textEnds,
        texts: this.#texts,
      },
      this.#hashes(),
    )
  }

  /** The table, in memory that all threads may share. */
  finish(): EntryTable {
    const count = this.#length
    // Numbers first, as they have to begin at multiples of their size.
    const memory = new SharedArrayBuffer(count * (8 + 8 + 4 + 1) + this.#textEnd)
    const offsets = new Float64Array(memory, 0, count)
    const lengths = new Float64Array(memory, count * 8, count)
    const textEnds = new Uint32Array(memory, count * 16, count)
    const kinds = new Uint8Array(memory, count * 20, count)
    const texts = new Uint8Array(memory, count * 21)
    offsets.set(this.#offsets.subarray(0, count))
    lengths.set(this.#lengths.subarray(0, count))
    textEnds.set(this.#textEnds.subarray(0, count))
    kinds.set(this.#kinds.subarray(0, count))
    texts.set(this.#texts.subarray(0, this.#textEnd))
    return new EntryTable({ kinds, offsets, lengths, textEnds, texts }, this.#hashes())
  }

  #hashes(): Hashes {
    return { sha256s: this.#sha256s ?? NO_BYTES, piecesRoots: this.#piecesRoots ?? NO_BYTES }
  }

  #putPath(path: readonly string[]): void {
    for (const component of path) {
      this.#putText(component)
      this.#putByte(COMPONENT_END)
    }
  }

  #putText(text: string): void {
    this.#makeRoom(text.length)
    const start = this.#textEnd
    for (let i = 0; i < text.length; i++) {
      const unit = text.charCodeAt(i)
      if (unit >= 0x80) {
        this.#textEnd = start
        this.#putBytes(toUtf8(text))
        return
      }
      this.#texts[this.#textEnd++] = unit
    }
  }

  #putBytes(bytes: Uint8Array): void {
    this.#makeRoom(bytes.length)
    this.#texts.set(bytes, this.#textEnd)
    this.#textEnd += bytes.length
  }

  #putByte(byte: number): void {
    this.#makeRoom(1)
    this.#texts[this.#textEnd++] = byte
  }

  #makeRoom(bytes: number): void {
    if (this.#textEnd + bytes <= this.#texts.length) return
    const larger = new Uint8Array(2 * this.#texts.length + bytes)
    larger.set(this.#texts)
    this.#texts = larger
  }

  #grow(): void {
    const length = 2 * this.#kinds.length
    const grown = <Numbers extends Uint8Array | Uint32Array | Float64Array>(to: Numbers, from: Numbers) => {
      to.set(from)
      return to
    }
    this.#kinds = grown(new Uint8Array(length), this.#kinds)
    this.#offsets = grown(new Float64Array(length), this.#offsets)
    this.#lengths = grown(new Float64Array(length), this.#lengths)
    this.#textEnds = grown(new Uint32Array(length), this.#textEnds)
    if (this.#sha256s !== undefined)
      this.#sha256s = grown(new Uint8Array(length * HASH_LENGTH), this.#sha256s)
    if (this.#piecesRoots !== undefined)
      this.#piecesRoots = grown(new Uint8Array(length * HASH_LENGTH), this.#piecesRoots)
  }
}

/** The path of zeros that align what follows, as most creators have it. */
export function padPath(length: number): readonly string[] {
  return ['.pad', String(length)]
}

/** Short names, as most are, without the decoder. */
function textOf(bytes: Uint8Array): string {
  if (bytes.length > 32 || bytes.some(byte => byte >= 0x80)) return fromUtf8(bytes)
  return Reflect.apply(String.fromCharCode, undefined, bytes)
}

/** A table of any entries, for those who need it packed. */
export function tableOf(entries: EntryList): EntryTable {
  if (entries instanceof EntryTable) return entries
  const builder = new EntryTableBuilder()
  for (const entry of entries) builder.add(entry)
  return builder.finish()
}
