import type { PieceMap } from '../../../protocol/metainfo/piece-map.js'
import { indexed, type StorageLayout } from '../layout.js'
import { type HashSchedule, type HashTask, TASK_LENGTH } from './hash-task.js'

interface Range {
  first: number
  /** Inclusive. */
  readonly last: number
}

/** A flat hash that takes a run after the other. */
interface Chain {
  readonly entryIndex: number
  /** The file's first byte in the space of all pieces. */
  readonly offset: number
  readonly length: number
  /** Bytes of the file that are given out. */
  at: number
}

/**
 * Hands out pieces so that all workers are busy to the end and the disk delivers each byte once. Pieces go in order to the next
 * idle worker. A flat hash can't be divided: one worker computes it from beginning to end, and does nothing else while it is
 * behind the pieces, but never gets ahead of them, so that it finds in the page cache what was read for them.
 */
export class PieceSchedule implements HashSchedule {
  /** Bytes of the files, twice where they have to be read twice. */
  readonly bytesTotal: number
  readonly #pieces: Range
  readonly #pieceLength: number
  readonly #piecesPerTask: number
  readonly #chains: Iterator<Chain>
  /** The next chain that no worker has. */
  #freeChain: Chain | undefined
  readonly #chainOf = new Map<number, Chain>()

  /** Pieces from `first` to `last`, and the flat hashes of all files that lie in them, where those are wanted. */
  constructor(
    map: PieceMap,
    { entries }: Pick<StorageLayout, 'entries'>,
    { first, last, checksums }: Readonly<Range> & { readonly checksums: boolean },
  ) {
    const { pieceLength } = map
    const start = first * pieceLength
    const end = (last + 1) * pieceLength
    const step = Math.max(1, Math.floor(TASK_LENGTH / pieceLength))
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
    this.bytesTotal = bytesTotal
    this.#pieces = { first, last }
    this.#pieceLength = pieceLength
    this.#piecesPerTask = step
    this.#chains = chains.values()
    this.#freeChain = this.#nextChain()
  }

  take(worker: number): HashTask | undefined {
    const chain = this.#chainFor(worker)
    return (chain && this.#run(worker, chain)) ?? this.#nextPieces()
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

  #nextChain(): Chain | undefined {
    const { value, done } = this.#chains.next()
    return done === true ? undefined : value
  }
}
