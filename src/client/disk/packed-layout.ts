import type { ContentEntry } from '../../protocol/metainfo/metainfo.js'
import type { EntryList } from '../../protocol/metainfo/piece-map.js'
import type { StorageLayout } from './layout.js'

/**
 * A layout as it is sent to workers: its entries lie in memory that all threads share, some 30 bytes and a path each, since
 * a copy of their objects in every worker would take ten times as much.
 */
export interface PackedLayout extends Omit<StorageLayout, 'entries'> {
  readonly entries: PackedEntries
}

interface PackedEntries {
  /** Indices into `KINDS`. */
  readonly kinds: Uint8Array
  readonly offsets: Float64Array
  readonly lengths: Float64Array
  /** Where the text of each entry ends in `texts`. */
  readonly textEnds: Uint32Array
  /** UTF-8: the components of a path; those of a symlink's target behind them. */
  readonly texts: Uint8Array
}

const KINDS = ['pad', 'file', 'executable', 'symlink'] as const

// No component is empty, and none has a zero in it.
const COMPONENT_END = '\0'
const PATH_END = '\0\0'

export function packLayout({ entries, ...facts }: StorageLayout): PackedLayout {
  const count = entries.length
  const kinds = new Uint8Array(new SharedArrayBuffer(count))
  const offsets = new Float64Array(new SharedArrayBuffer(count * 8))
  const lengths = new Float64Array(new SharedArrayBuffer(count * 8))
  const textEnds = new Uint32Array(new SharedArrayBuffer(count * 4))
  const texts: string[] = []
  let textEnd = 0
  for (let index = 0; index < count; index++) {
    const entry = entries.at(index)
    if (entry === undefined) continue
    const text = textOf(entry)
    texts.push(text)
    textEnd += Buffer.byteLength(text)
    kinds[index] = KINDS.indexOf(kindOf(entry))
    offsets[index] = entry.offset
    lengths[index] = entry.length
    textEnds[index] = textEnd
  }
  const memory = new Uint8Array(new SharedArrayBuffer(textEnd))
  memory.set(Buffer.from(texts.join('')))
  const { version, name, isFolder, pieceLength, pieceCount } = facts
  const packed = { kinds, offsets, lengths, textEnds, texts: memory }
  return { version, name, isFolder, pieceLength, pieceCount, entries: packed }
}

export function unpackLayout(layout: PackedLayout): StorageLayout {
  return { ...layout, entries: new EntryTable(layout.entries) }
}

/** Packed entries, of which each becomes an object when it is asked for. Digests are not among what was packed. */
class EntryTable implements EntryList {
  readonly #packed: PackedEntries

  constructor(packed: PackedEntries) {
    this.#packed = packed
  }

  get length(): number {
    return this.#packed.kinds.length
  }

  at(index: number): ContentEntry | undefined {
    const kind = KINDS[this.#packed.kinds[index] ?? KINDS.length]
    if (kind === undefined) return undefined
    const length = this.#packed.lengths[index] ?? 0
    const offset = this.#packed.offsets[index] ?? 0
    const componentsOf = (part: 0 | 1) => this.#components(index, part)
    switch (kind) {
      case 'pad':
        return { type: 'pad', path: [], length, offset }
      case 'symlink':
        return { type: 'symlink', path: componentsOf(0), length, offset, target: componentsOf(1) }
      default:
        return {
          type: 'file',
          // Most who ask for an entry do not ask for its path.
          get path() {
            return componentsOf(0)
          },
          length,
          offset,
          isExecutable: kind === 'executable',
          sha256: undefined,
          piecesRoot: undefined,
        }
    }
  }

  #components(index: number, part: 0 | 1): string[] {
    const { texts, textEnds } = this.#packed
    const start = index === 0 ? 0 : (textEnds[index - 1] ?? 0)
    // A view of shared memory cannot be decoded as it is.
    const text = Buffer.from(texts.subarray(start, textEnds[index])).toString()
    const components = text.split(PATH_END)[part] ?? ''
    return components === '' ? [] : components.split(COMPONENT_END)
  }
}

function kindOf(entry: ContentEntry): (typeof KINDS)[number] {
  return entry.type === 'file' && entry.isExecutable ? 'executable' : entry.type
}

function textOf(entry: ContentEntry): string {
  switch (entry.type) {
    case 'pad':
      return ''
    case 'file':
      return entry.path.join(COMPONENT_END)
    case 'symlink':
      return entry.path.join(COMPONENT_END) + PATH_END + entry.target.join(COMPONENT_END)
  }
}
