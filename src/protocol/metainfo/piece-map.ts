import { BLOCK_LENGTH, type EntryList, type FileEntry, type Info } from './metainfo.js'

/** A run of bytes of one file that a piece holds. */
export interface FileSlice {
  /** Index into `Info.entries`. */
  readonly entryIndex: number
  /** Bytes from the beginning of the file. */
  readonly fileOffset: number
  /** Bytes from the beginning of the range that was asked for. */
  readonly rangeOffset: number
  readonly length: number
}

/**
 * Maps pieces and blocks to ranges of files, for all three versions. In v1 and hybrid torrents files follow each other in one
 * space of bytes (pads included); in v2 each file begins a piece, and its last piece is short.
 */
export class PieceMap {
  readonly pieceLength: number
  readonly pieceCount: number
  readonly #entries: EntryList
  readonly #isV2Only: boolean
  /** End of the space of pieces, pads included. */
  readonly #end: number
  /** Indices of the entries that are files with content, in order, for the search by offset. */
  readonly #files: Uint32Array
  /** The beginning of each of `#files`. */
  readonly #starts: Float64Array
  readonly #ends: Float64Array

  constructor(info: Pick<Info, 'version' | 'pieceLength' | 'pieceCount' | 'entries'>) {
    this.pieceLength = info.pieceLength
    this.pieceCount = info.pieceCount
    this.#entries = info.entries
    this.#isV2Only = info.version === 'v2'
    const { length } = info.entries
    const files = new Uint32Array(length)
    const starts = new Float64Array(length)
    const ends = new Float64Array(length)
    let count = 0
    let spaceEnd = 0
    for (let index = 0; index < length; index++) {
      const entry = info.entries.at(index)
      if (entry === undefined) continue
      const end = entry.offset + entry.length
      spaceEnd = Math.max(spaceEnd, end)
      if (entry.type !== 'file' || entry.length === 0) continue
      files[count] = index
      starts[count] = entry.offset
      ends[count] = end
      count++
    }
    this.#end = spaceEnd
    // Copies, where many entries are no files.
    this.#files = files.slice(0, count)
    this.#starts = starts.slice(0, count)
    this.#ends = ends.slice(0, count)
  }

  /** Bytes of a piece as peers speak of it: pads count, but not the gap after a file of a v2 torrent. */
  pieceSize(piece: number): number {
    const start = piece * this.pieceLength
    if (this.#isV2Only) return this.dataSize(piece)
    return Math.min(this.pieceLength, this.#end - start)
  }

  /** Bytes of a piece up to the end of the last file in it, without what pads add behind. */
  dataSize(piece: number): number {
    const start = piece * this.pieceLength
    const end = start + this.pieceLength
    const at = this.#fileAt(end - 1)
    const isInside = (this.#starts[at] ?? end) < end
    const lastEnd = this.#ends[isInside ? at : at - 1] ?? 0
    return Math.max(0, Math.min(lastEnd - start, this.pieceLength))
  }

  /**
   * The length up to which requests for a piece are answered. In a v2 torrent that is more than the piece's own length:
   * libtorrent before 2.0.13 asks for whole blocks even at the end of a file, and expects zeros beyond it.
   */
  servedSize(piece: number): number {
    return this.#isV2Only ? this.pieceLength : this.pieceSize(piece)
  }

  /** The number of blocks that are requested of a piece; those behind its last file are only padding, and are not. */
  blockCount(piece: number): number {
    return Math.ceil(this.dataSize(piece) / BLOCK_LENGTH)
  }

  /** Bytes of a block: 16 KiB but at the end of a piece. */
  blockLength(piece: number, block: number): number {
    return Math.min(BLOCK_LENGTH, this.pieceSize(piece) - block * BLOCK_LENGTH)
  }

  /**
   * The runs of files under `length` bytes from `offset` within a piece, in order. Bytes that no run covers are
   * padding and read as zeros.
   */
  slices(piece: number, offset: number, length: number): FileSlice[] {
    const start = piece * this.pieceLength + offset
    const end = start + length
    const slices: FileSlice[] = []
    for (let at = this.#fileAt(start); at < this.#files.length; at++) {
      const fileStart = this.#starts[at] ?? 0
      if (fileStart >= end) break
      const from = Math.max(start, fileStart)
      const to = Math.min(end, this.#ends[at] ?? 0)
      if (from >= to) continue
      slices.push({
        entryIndex: this.#files[at] ?? 0,
        fileOffset: from - fileStart,
        rangeOffset: from - start,
        length: to - from,
      })
    }
    return slices
  }

  /** First and last piece (inclusive) that hold bytes of a file; undefined for an empty one. */
  piecesOf(entry: FileEntry): { first: number; last: number } | undefined {
    if (entry.length === 0) return undefined
    return {
      first: Math.floor(entry.offset / this.pieceLength),
      last: Math.floor((entry.offset + entry.length - 1) / this.pieceLength),
    }
  }

  /** The file in which a piece begins; in v2 and hybrid torrents the only one of the piece. */
  fileOfPiece(piece: number): FileEntry | undefined {
    const entryIndex = this.#files[this.#fileAt(piece * this.pieceLength)]
    const entry = entryIndex === undefined ? undefined : this.#entries.at(entryIndex)
    return entry?.type === 'file' ? entry : undefined
  }

  /** Position in `#files` of the first file that ends after `offset`. */
  #fileAt(offset: number): number {
    let low = 0
    let high = this.#files.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#ends[middle] ?? 0) <= offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
