import { BLOCK_LENGTH, type FileEntry, type Info } from './metainfo.js'

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
 * Where pieces, blocks and files lie in each other, for all three versions. In v1 and hybrid torrents files follow
 * each other in one space of bytes (pads included); in v2 each file begins a piece, and its last piece is short.
 */
export class PieceMap {
  readonly pieceLength: number
  readonly pieceCount: number
  readonly #entries: Info['entries']
  readonly #isV2Only: boolean
  /** End of the space of pieces, pads included. */
  readonly #end: number
  /** Files with content, in order, for the search by offset. */
  readonly #files: readonly {
    readonly entryIndex: number
    readonly offset: number
    readonly length: number
  }[]

  constructor(info: Pick<Info, 'version' | 'pieceLength' | 'pieceCount' | 'entries'>) {
    this.pieceLength = info.pieceLength
    this.pieceCount = info.pieceCount
    this.#entries = info.entries
    this.#isV2Only = info.version === 'v2'
    let end = 0
    for (const entry of info.entries) end = Math.max(end, entry.offset + entry.length)
    this.#end = end
    this.#files = info.entries.flatMap((entry, entryIndex) =>
      entry.type === 'file' && entry.length > 0
        ? [{ entryIndex, offset: entry.offset, length: entry.length }]
        : [],
    )
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
    const file = this.#files[at]
    const last = file !== undefined && file.offset < end ? file : this.#files[at - 1]
    return last === undefined ? 0 : Math.max(0, Math.min(last.offset + last.length - start, this.pieceLength))
  }

  /**
   * How far into a piece a request may reach that is to be answered. In a v2 torrent that is further than the piece:
   * libtorrent before 2.0.13 asks for whole blocks even at the end of a file, and takes zeros for what is not there.
   */
  servedSize(piece: number): number {
    return this.#isV2Only ? this.pieceLength : this.pieceSize(piece)
  }

  /** How many blocks of a piece are asked for; those behind its last file are only padding, and are not. */
  blockCount(piece: number): number {
    return Math.ceil(this.dataSize(piece) / BLOCK_LENGTH)
  }

  /** Bytes of a block: 16 KiB but at the end of a piece. */
  blockLength(piece: number, block: number): number {
    return Math.min(BLOCK_LENGTH, this.pieceSize(piece) - block * BLOCK_LENGTH)
  }

  /**
   * The runs of files under `length` bytes from `offset` within a piece, in order. What no run covers is padding
   * and reads as zeros.
   */
  slices(piece: number, offset: number, length: number): FileSlice[] {
    const start = piece * this.pieceLength + offset
    const end = start + length
    const slices: FileSlice[] = []
    for (let at = this.#fileAt(start); at < this.#files.length; at++) {
      const file = this.#files[at]
      if (file === undefined || file.offset >= end) break
      const from = Math.max(start, file.offset)
      const to = Math.min(end, file.offset + file.length)
      if (from >= to) continue
      slices.push({
        entryIndex: file.entryIndex,
        fileOffset: from - file.offset,
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
    const file = this.#files[this.#fileAt(piece * this.pieceLength)]
    const entry = file === undefined ? undefined : this.#entries[file.entryIndex]
    return entry?.type === 'file' ? entry : undefined
  }

  /** Position in `#files` of the first file that ends after `offset`. */
  #fileAt(offset: number): number {
    let low = 0
    let high = this.#files.length
    while (low < high) {
      const middle = (low + high) >>> 1
      const file = this.#files[middle]
      if (file !== undefined && file.offset + file.length <= offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
