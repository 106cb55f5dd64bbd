import { toUtf8 } from '../../base/bytes.js'
import { HASH_LENGTH } from '../merkle.js'
import {
  COMPONENT_END,
  type EntryHashes,
  EntryTable,
  KINDS,
  NO_BYTES,
  PATH_END,
  PIECES_ROOT,
  SHA256,
} from './entry-table.js'
import type { ContentEntry, EntryList } from './metainfo.js'

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

  #hashes(): EntryHashes {
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

/** Packs any entries into a table. */
export function tableOf(entries: EntryList): EntryTable {
  if (entries instanceof EntryTable) return entries
  const builder = new EntryTableBuilder()
  for (const entry of entries) builder.add(entry)
  return builder.finish()
}
