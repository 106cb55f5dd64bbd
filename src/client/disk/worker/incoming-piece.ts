import { createHash } from 'node:crypto'
import { readBuffer } from '../../../base/read-buffer.js'
import { BLOCK_LENGTH } from '../../../protocol/metainfo/metainfo.js'
import type { PieceDigests } from '../../../protocol/metainfo/piece-hashes.js'
import { CHUNK_LENGTH } from '../layout.js'
import type { HashedBytes, WritePart } from '../messages.js'
import type { ContentFiles } from './content-files.js'
import { PieceLeaves } from './merkle-root.js'

const BLOCKS_PER_CHUNK = CHUNK_LENGTH / BLOCK_LENGTH

/** Bytes that are read back at a time. */
const READ_BACK_LENGTH = CHUNK_LENGTH

/** Shared by all pieces of this worker. */
const readBackBuffer = readBuffer(READ_BACK_LENGTH)

const ZEROS = new Uint8Array(CHUNK_LENGTH)

/**
 * A piece that is being received. Blocks arrive in any order and are written at once. Leaves of BEP 52 are
 * hashed as they come; SHA-1 needs the bytes in order, so it moves along as far as there is no gap, and reads
 * back from the files what had come before its turn.
 */
export class IncomingPiece {
  readonly #files: ContentFiles
  readonly #piece: number
  /** 1 for each block that is in the files. */
  readonly #written: Uint8Array
  readonly #sha1 = createHash('sha1')
  readonly #leaves: PieceLeaves | undefined
  readonly #hasSha1: boolean
  #blocksLeft: number
  /** SHA-1 has taken the blocks below this one. */
  #hashedBlocks = 0
  #hasReadBack = false
  /** Changes by other programs to the files of the piece that were noticed before its first block was written. */
  readonly #changesBefore: number

  constructor(files: ContentFiles, piece: number) {
    this.#files = files
    this.#piece = piece
    this.#changesBefore = this.#countChanges()
    this.#blocksLeft = files.map.blockCount(piece)
    this.#written = new Uint8Array(this.#blocksLeft)
    this.#hasSha1 = files.layout.version !== 'v2'
    this.#leaves = files.layout.version === 'v1' ? undefined : new PieceLeaves(files.map)
  }

  /**
   * Hashes and writes blocks that lie in `memory`; gives the digests of the piece with the last ones.
   * @throws {DiskError} `changed` where another program cut a file, so that a block cannot be read back
   */
  write(parts: readonly WritePart[], memory: Uint8Array): ReceivedPiece | undefined {
    const runs = parts.flatMap(part => this.#runsOf(part, memory))
    for (const { first, end, bytes } of runs) {
      this.#writeRun(first * BLOCK_LENGTH, bytes)
      this.#leaves?.add(this.#piece, first * BLOCK_LENGTH, bytes)
      this.#written.fill(1, first, end)
      this.#blocksLeft -= end - first
    }
    if (this.#hasSha1) this.#advance(runs)
    return this.#blocksLeft === 0 ? this.#finish() : undefined
  }

  /** The runs of blocks that are there of a chunk, lowest first. */
  #runsOf({ chunk, at, blocks }: WritePart, memory: Uint8Array): Run[] {
    const runs: Run[] = []
    const firstOfChunk = chunk * BLOCKS_PER_CHUNK
    for (let bit = 0; blocks >>> bit !== 0; ) {
      let count = 0
      while ((blocks >>> (bit + count)) & 1) count++
      if (count > 0) {
        const first = firstOfChunk + bit
        const end = first + count
        const length =
          Math.min(end * BLOCK_LENGTH, this.#files.map.pieceSize(this.#piece)) - first * BLOCK_LENGTH
        const start = at + bit * BLOCK_LENGTH
        runs.push({ first, end, bytes: memory.subarray(start, start + length) })
      }
      bit += count + 1
    }
    return runs
  }

  #writeRun(offset: number, bytes: Uint8Array): void {
    let covered = 0
    for (const slice of this.#files.slices(this.#piece, offset, bytes.length)) {
      bytes.fill(0, covered, slice.rangeOffset)
      covered = slice.rangeOffset + slice.length
      this.#files.write(slice.entryIndex, slice.fileOffset, bytes.subarray(slice.rangeOffset, covered))
    }
    // Pads are hashed as zeros, even if a peer sent something else: they would read back as zeros, too.
    bytes.fill(0, covered)
  }

  /** Takes SHA-1 up to the first gap. */
  #advance(runs: readonly Run[]): void {
    for (const { first, end, bytes } of runs) {
      this.#readBackTo(first)
      if (this.#hashedBlocks !== first) return
      this.#sha1.update(bytes)
      this.#hashedBlocks = end
    }
    this.#readBackTo(this.#written.length)
  }

  /** Takes SHA-1 on through what is in the files, up to a block, or to a gap before it. */
  #readBackTo(limit: number): void {
    while (this.#hashedBlocks < limit && this.#written[this.#hashedBlocks] === 1) {
      const start = this.#hashedBlocks
      const most = Math.min(limit, start + READ_BACK_LENGTH / BLOCK_LENGTH)
      let end = start + 1
      while (end < most && this.#written[end] === 1) end++
      const offset = start * BLOCK_LENGTH
      const length = Math.min(end * BLOCK_LENGTH, this.#files.map.pieceSize(this.#piece)) - offset
      this.#sha1.update(this.#readBack(offset, length))
      this.#hashedBlocks = end
    }
  }

  #readBack(offset: number, length: number): Uint8Array {
    this.#hasReadBack = true
    const bytes = readBackBuffer.subarray(0, length).fill(0)
    for (const slice of this.#files.slices(this.#piece, offset, length)) {
      const target = bytes.subarray(slice.rangeOffset, slice.rangeOffset + slice.length)
      const outcome = this.#files.readExactly(slice.entryIndex, slice.fileOffset, target)
      if (outcome.type === 'short') throw this.#files.tooShort(slice.entryIndex)
    }
    return bytes
  }

  #finish(): ReceivedPiece {
    const digests = {
      sha1: this.#hasSha1 ? this.#finishSha1() : undefined,
      root: this.#leaves?.root(this.#piece),
    }
    const areFilesChanged = this.#hasReadBack && this.#countChanges(true) !== this.#changesBefore
    return { digests, origin: areFilesChanged ? 'changed-files' : 'as-received' }
  }

  /** @param compares whether to compare the files with the ledger first */
  #countChanges(compares = false): number {
    let changes = 0
    for (const { entryIndex } of this.#files.slices(this.#piece, 0, this.#files.map.pieceLength)) {
      if (compares) this.#files.isAsKnown(entryIndex)
      changes += this.#files.ledger.changesOf(entryIndex)
    }
    return changes
  }

  /** Blocks that are nothing but padding are not asked for, so they are added here. */
  #finishSha1(): Uint8Array {
    const size = this.#files.map.pieceSize(this.#piece)
    const received = Math.min(this.#written.length * BLOCK_LENGTH, size)
    for (let at = received; at < size; at += ZEROS.length) {
      this.#sha1.update(ZEROS.subarray(0, Math.min(ZEROS.length, size - at)))
    }
    return new Uint8Array(this.#sha1.digest())
  }
}

/** A piece of which all blocks are written. */
export interface ReceivedPiece {
  readonly digests: PieceDigests
  readonly origin: HashedBytes
}

/** Blocks that follow each other in a chunk, and their bytes. */
interface Run {
  readonly first: number
  readonly end: number
  readonly bytes: Uint8Array
}
