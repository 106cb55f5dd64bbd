import { Bitfield } from '../../../base/bitfield.js'
import type { FileEntry } from '../../../protocol/metainfo/metainfo.js'
import type { PieceMap } from '../../../protocol/metainfo/piece-map.js'
import type { StorageLayout } from '../layout.js'
import { type HashSchedule, type HashTask, TASK_LENGTH } from './hash-task.js'

/** Files in one task, for those that are small. */
const TASK_FILES = 64
/** The most incomplete large files that are being hashed at a time: each takes a hash state in a worker. */
const MAX_FRONTS = 64

/** The flat hash of a large file, which takes a run after the other. */
interface Chain {
  readonly entryIndex: number
  readonly file: FileEntry
  /** Its first piece that is not verified. */
  nextPiece: number
  /** Bytes of the file that are given out. */
  at: number
  /** The list it waits in when it has a run to give out: that of all chains without a worker, or that of its worker. */
  list: Set<Chain>
  /** It was begun, or is about to be, while parts of the file were missing. */
  isFront: boolean
}

/** Small files that are hashed together. */
interface Group {
  readonly entryIndices: number[]
  /** Bytes. */
  length: number
}

/**
 * Decides which file's flat hash a worker continues next. A file is hashed as far as its pieces are verified without a gap:
 * small ones when they are whole, some together, a large one in runs of 4 MiB. A flat hash can't be divided, so one worker
 * has a large file from begin to end. Each byte is given out once, in order, and never before its piece is verified.
 */
export class FileSchedule implements HashSchedule {
  readonly bytesTotal: number
  readonly #map: PieceMap
  readonly #entries: StorageLayout['entries']
  readonly #verified: Bitfield
  /** Files that are not given out completely yet. */
  readonly #wanted: Bitfield
  /** Small files that are whole, a task each; the last one waits until it is full, or all small files are whole. */
  readonly #groups: Group[] = []
  /** Small files that are not whole yet. */
  #smallMissing = 0
  /** Of large files, from the first piece on. */
  readonly #chains = new Map<number, Chain>()
  /** Of the chains that no worker has, those with a run to give out. */
  readonly #free = new Set<Chain>()
  /** The same of those that a worker has. */
  readonly #own = new Map<number, Set<Chain>>()
  #fronts = 0

  /** @param verified pieces that are verified already; undefined: all are */
  constructor(
    map: PieceMap,
    { entries }: Pick<StorageLayout, 'entries'>,
    entryIndices: readonly number[],
    verified?: Bitfield,
  ) {
    this.#map = map
    this.#entries = entries
    this.#verified = verified?.copy() ?? Bitfield.full(map.pieceCount)
    this.#wanted = new Bitfield(entries.length)
    let bytesTotal = 0
    for (const entryIndex of entryIndices) {
      bytesTotal += entries.at(entryIndex)?.length ?? 0
      this.add(entryIndex)
    }
    this.bytesTotal = bytesTotal
  }

  pieceVerified(piece: number): void {
    if (!this.#verified.add(piece)) return
    for (const { entryIndex } of this.#map.slices(piece, 0, this.#map.pieceLength)) this.#look(entryIndex)
  }

  /** A file is to be hashed from its beginning. */
  add(entryIndex: number): void {
    if (this.#wanted.add(entryIndex) && this.#isSmall(entryIndex)) this.#smallMissing++
    this.#look(entryIndex)
  }

  /** Stops hashing a file. */
  drop(entryIndex: number): void {
    if (this.#wanted.delete(entryIndex) && this.#isSmall(entryIndex)) this.#smallMissing--
    const chain = this.#chains.get(entryIndex)
    if (chain !== undefined) this.#forget(chain)
  }

  /** Something to do for a worker; undefined where nothing is ready for it now. */
  take(worker: number): HashTask | undefined {
    return this.#nextRun(worker) ?? this.#nextGroup()
  }

  #look(entryIndex: number): void {
    const file = this.#entries.at(entryIndex)
    if (file?.type !== 'file' || !this.#wanted.has(entryIndex)) return
    if (file.length > TASK_LENGTH) this.#lookAtChain(entryIndex, file)
    else if (this.#isWhole(file)) {
      this.#wanted.delete(entryIndex)
      this.#smallMissing--
      this.#group(entryIndex, file.length)
    }
  }

  #isSmall(entryIndex: number): boolean {
    return (this.#entries.at(entryIndex)?.length ?? 0) <= TASK_LENGTH
  }

  #group(entryIndex: number, length: number): void {
    const last = this.#groups.at(-1)
    if (last === undefined || last.entryIndices.length === TASK_FILES || last.length + length > TASK_LENGTH) {
      this.#groups.push({ entryIndices: [entryIndex], length })
      return
    }
    last.entryIndices.push(entryIndex)
    last.length += length
  }

  #isWhole(file: FileEntry): boolean {
    const { first, last } = this.#map.piecesOf(file) ?? { first: 0, last: -1 }
    for (let piece = first; piece <= last; piece++) if (!this.#verified.has(piece)) return false
    return true
  }

  #lookAtChain(entryIndex: number, file: FileEntry): void {
    const { first, last } = this.#map.piecesOf(file) ?? { first: 0, last: -1 }
    let chain = this.#chains.get(entryIndex)
    if (!this.#verified.has(chain?.nextPiece ?? first)) return
    if (chain === undefined) {
      chain = { entryIndex, file, nextPiece: first, at: 0, list: this.#free, isFront: false }
      this.#chains.set(entryIndex, chain)
    }
    while (chain.nextPiece <= last && this.#verified.has(chain.nextPiece)) chain.nextPiece++
    this.#queue(chain)
  }

  /** Up to where a file is verified without a gap. */
  #front({ file, nextPiece }: Chain): number {
    return Math.min(file.length, nextPiece * this.#map.pieceLength - file.offset)
  }

  /** Short runs are only for the end. */
  #hasRun(chain: Chain): boolean {
    const front = this.#front(chain)
    return front - chain.at >= TASK_LENGTH || front === chain.file.length
  }

  /** Lets a chain wait for its next run, where it has one. */
  #queue(chain: Chain): void {
    if (!this.#hasRun(chain)) return
    if (!chain.isFront && this.#front(chain) < chain.file.length) {
      if (this.#fronts === MAX_FRONTS) return
      chain.isFront = true
      this.#fronts++
    }
    chain.list.add(chain)
  }

  #nextRun(worker: number): HashTask | undefined {
    const own = this.#own.get(worker) ?? new Set<Chain>()
    const [chain] = own.size > 0 ? own : this.#free
    if (chain === undefined) return undefined
    this.#own.set(worker, own)
    const { entryIndex, file, at: from } = chain
    const length = Math.min(TASK_LENGTH, this.#front(chain) - from)
    chain.at += length
    const isLast = chain.at === file.length
    if (isLast) {
      this.#wanted.delete(entryIndex)
      this.#forget(chain)
    } else {
      chain.list.delete(chain)
      chain.list = own
      if (this.#hasRun(chain)) own.add(chain)
    }
    return { type: 'run', entryIndex, from, length, isLast }
  }

  #forget(chain: Chain): void {
    chain.list.delete(chain)
    this.#chains.delete(chain.entryIndex)
    if (chain.isFront) this.#fronts--
  }

  #nextGroup(): HashTask | undefined {
    const isReady = this.#groups.length > 1 || this.#smallMissing === 0
    const group = isReady ? this.#groups.shift() : undefined
    return group && { type: 'files', entryIndices: group.entryIndices }
  }
}
