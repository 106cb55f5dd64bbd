import type { PieceMap } from '../../../protocol/metainfo/piece-map.js'
import { indexed, type StorageLayout } from '../layout.js'

/**
 * Bytes of one task for a worker: some milliseconds of work, so that writes and reads in between need not
 * wait long.
 */
const TASK_LENGTH = 2 ** 22
/** Files in one task, for those that are small. */
const TASK_FILES = 64

/** What a worker is given to hash at a time. */
export type HashTask =
  /** With the flat hashes of the files that lie in these pieces as a whole, where they are wanted. */
  | { readonly type: 'pieces'; readonly first: number; readonly count: number }
  /** The next run of a large file's flat hash. */
  | {
      readonly type: 'run'
      readonly entryIndex: number
      readonly from: number
      readonly length: number
      readonly isLast: boolean
    }
  /** The flat hashes of whole files. */
  | { readonly type: 'files'; readonly entryIndices: readonly number[] }

interface Range {
  first: number
  /** Inclusive. */
  readonly last: number
}

/** A flat hash that takes a run after the other. */
interface Chain {
  readonly entryIndex: number
  /** Where the file begins in the space of pieces. */
  readonly offset: number
  readonly length: number
  /** Bytes of the file that are given out. */
  at: number
}

type Entries = Pick<StorageLayout, 'entries'>

/**
 * Who hashes what next, so that all workers are busy to the end and the disk gives each byte once. Pieces go in order to
 * whoever is free. A flat hash can't be divided: one worker has it from begin to end, and does nothing else while it is
 * behind the pieces, but never gets ahead of them, so that it finds in memory what was read for them.
 */
export class HashSchedule {
  /** Bytes of the files, twice where they have to be read twice. */
  readonly bytesTotal: number
  readonly #pieces: Range
  readonly #pieceLength: number
  readonly #piecesPerTask: number
  readonly #chains: Iterator<Chain>
  readonly #groups: Iterator<readonly number[]>
  /** The next chain that no worker has. */
  #freeChain: Chain | undefined
  readonly #chainOf = new Map<number, Chain>()

  private constructor(
    pieces: Range & { readonly pieceLength: number },
    chains: readonly Chain[],
    groups: readonly (readonly number[])[],
    bytesTotal: number,
  ) {
    this.#pieces = { first: pieces.first, last: pieces.last }
    this.#pieceLength = pieces.pieceLength
    this.#piecesPerTask = piecesPerTask(pieces.pieceLength)
    this.#chains = chains.values()
    this.#freeChain = this.#nextChain()
    this.#groups = groups.values()
    this.bytesTotal = bytesTotal
  }

  /** Pieces from `first` to `last`, and the flat hashes of all files that lie in them, where those are wanted. */
  static ofPieces(
    map: PieceMap,
    { entries }: Entries,
    { first, last, checksums }: Readonly<Range> & { readonly checksums: boolean },
  ): HashSchedule {
    const { pieceLength } = map
    const start = first * pieceLength
    const end = (last + 1) * pieceLength
    const step = piecesPerTask(pieceLength)
    const chains: Chain[] = []
    let bytesTotal = 0
    for (const [entryIndex, entry] of indexed(entries)) {
      if (entry.type !== 'file') continue
      const { offset, length } = entry
      bytesTotal += Math.max(0, Math.min(offset + length, end) - Math.max(offset, start))
      const pieces = map.piecesOf(entry)
      if (!checksums || pieces === undefined || pieces.first < first || pieces.last > last) continue
      const isInOneTask =
        Math.floor((pieces.first - first) / step) === Math.floor((pieces.last - first) / step)
      if (isInOneTask) continue
      chains.push({ entryIndex, offset, length, at: 0 })
      bytesTotal += length
    }
    return new HashSchedule({ first, last, pieceLength }, chains, [], bytesTotal)
  }

  /** The flat hashes of files. */
  static ofFiles({ entries }: Entries, entryIndices: readonly number[]): HashSchedule {
    const chains: Chain[] = []
    const groups: number[][] = []
    let groupLength = TASK_LENGTH
    let bytesTotal = 0
    for (const entryIndex of entryIndices) {
      const length = entries.at(entryIndex)?.length ?? 0
      bytesTotal += length
      if (length > TASK_LENGTH) {
        chains.push({ entryIndex, offset: 0, length, at: 0 })
        continue
      }
      groupLength += length
      const group = groups.at(-1)
      if (group === undefined || group.length === TASK_FILES || groupLength > TASK_LENGTH) {
        groups.push([entryIndex])
        groupLength = length
      } else group.push(entryIndex)
    }
    return new HashSchedule({ first: 0, last: -1, pieceLength: 1 }, chains, groups, bytesTotal)
  }

  /** Something to do for a worker, after all that it was given before; undefined where nothing is left for it. */
  take(worker: number): HashTask | undefined {
    const chain = this.#chainFor(worker)
    return (chain && this.#run(worker, chain)) ?? this.#nextPieces() ?? this.#nextGroup()
  }

  /** Up to where pieces are given out. */
  get #front(): number {
    const { first, last } = this.#pieces
    return first > last ? Number.POSITIVE_INFINITY : first * this.#pieceLength
  }

  #chainFor(worker: number): Chain | undefined {
    const own = this.#chainOf.get(worker)
    if (own !== undefined) return own
    const chain = this.#freeChain
    if (chain === undefined || chain.offset >= this.#front) return undefined
    this.#chainOf.set(worker, chain)
    this.#freeChain = this.#nextChain()
    return chain
  }

  #run(worker: number, chain: Chain): HashTask | undefined {
    const { entryIndex, at: from } = chain
    const length = Math.min(TASK_LENGTH, chain.length - from, this.#front - chain.offset - from)
    if (length <= 0) return undefined
    chain.at += length
    const isLast = chain.at === chain.length
    if (isLast) this.#chainOf.delete(worker)
    return { type: 'run', entryIndex, from, length, isLast }
  }

  #nextPieces(): HashTask | undefined {
    const { first, last } = this.#pieces
    if (first > last) return undefined
    const count = Math.min(this.#piecesPerTask, last - first + 1)
    this.#pieces.first += count
    return { type: 'pieces', first, count }
  }

  #nextGroup(): HashTask | undefined {
    const { value, done } = this.#groups.next()
    return done === true ? undefined : { type: 'files', entryIndices: value }
  }

  #nextChain(): Chain | undefined {
    const { value, done } = this.#chains.next()
    return done === true ? undefined : value
  }
}

function piecesPerTask(pieceLength: number): number {
  return Math.max(1, Math.floor(TASK_LENGTH / pieceLength))
}
