import { createHash } from 'node:crypto'
import { BLOCK_LENGTH } from '../../../protocol/metainfo/metainfo.js'
import type { PieceDigests } from '../../../protocol/metainfo/piece-hashes.js'
import { CHUNK_LENGTH } from '../layout.js'
import type { WriteRequest } from '../messages.js'
import type { ContentFiles } from './content-files.js'
import { PieceLeaves } from './merkle-root.js'

const BLOCKS_PER_CHUNK = CHUNK_LENGTH / BLOCK_LENGTH

/** Bytes that are read back at a time. */
const READ_BACK_LENGTH = CHUNK_LENGTH

/** What every piece of this worker is read back into. */
const readBackBuffer = Buffer.alloc(READ_BACK_LENGTH)

const ZEROS = new Uint8Array(CHUNK_LENGTH)

/**
 * A piece that is being received. Blocks arrive in any order and are written at once. Leaves of BEP 52 are
 * hashed as they come; SHA-1 needs the bytes in order, so it moves along as far as there is no gap, and reads
 * back from the files what had come before its turn.
 */
export class IncomingPiece {
  readonly #files: ContentFiles
  readonly #piece: number
  /** Which blocks are in the files. */
  readonly #written: Uint8Array
  readonly #sha1 = createHash('sha1')
  readonly #leaves: PieceLeaves | undefined
  readonly #hasSha1: boolean
  #blocksLeft: number
  /** SHA-1 has taken the blocks below this one. */
  #hashedBlocks = 0

  constructor(files: ContentFiles, piece: number) {
    this.#files = files
    this.#piece = piece
    this.#blocksLeft = files.map.blockCount(piece)
    this.#written = new Uint8Array(this.#blocksLeft)
    this.#hasSha1 = files.layout.version !== 'v2'
    this.#leaves = files.layout.version === 'v1' ? undefined : new PieceLeaves(files.map)
  }

  /**
   * Hashes and writes blocks that lie in `memory`; gives the digests of the piece with the last ones.
   * @throws {DiskError}
   */
  write(request: WriteRequest, memory: Uint8Array): PieceDigests | undefined {
    for (const run of runsOf(request.blocks)) {
      const first = request.chunk * BLOCKS_PER_CHUNK + run.start
      const offset = first * BLOCK_LENGTH
      const end = Math.min(offset + run.count * BLOCK_LENGTH, this.#files.map.pieceSize(this.#piece))
      const at = request.at + run.start * BLOCK_LENGTH
      const bytes = memory.subarray(at, at + end - offset)
      this.#writeRun(offset, bytes)
      this.#leaves?.add(this.#piece, offset, bytes)
      this.#written.fill(1, first, first + run.count)
      this.#blocksLeft -= run.count
    }
    if (this.#hasSha1) this.#advance(request, memory)
    return this.#blocksLeft === 0 ? this.#finish() : undefined
  }

  #writeRun(offset: number, bytes: Uint8Array): void {
    let covered = 0
    for (const slice of this.#files.map.slices(this.#piece, offset, bytes.length)) {
      bytes.fill(0, covered, slice.rangeOffset)
      covered = slice.rangeOffset + slice.length
      this.#files.write(slice.entryIndex, slice.fileOffset, bytes.subarray(slice.rangeOffset, covered))
    }
    // Pads are zeros whatever a peer sent for them: reading them back later gives zeros too.
    bytes.fill(0, covered)
  }

  /** Takes SHA-1 up to the first gap. */
  #advance(request: WriteRequest, memory: Uint8Array): void {
    const firstOfChunk = request.chunk * BLOCKS_PER_CHUNK
    const isInMemory = (block: number): boolean =>
      block >= firstOfChunk &&
      block < firstOfChunk + BLOCKS_PER_CHUNK &&
      (request.blocks & (1 << (block - firstOfChunk))) !== 0
    while (this.#written[this.#hashedBlocks] === 1) {
      const start = this.#hashedBlocks
      const inMemory = isInMemory(start)
      const limit = start + READ_BACK_LENGTH / BLOCK_LENGTH
      let end = start + 1
      while (end < limit && this.#written[end] === 1 && isInMemory(end) === inMemory) end++
      const offset = start * BLOCK_LENGTH
      const length = Math.min(end * BLOCK_LENGTH, this.#files.map.pieceSize(this.#piece)) - offset
      const at = request.at + (start - firstOfChunk) * BLOCK_LENGTH
      this.#sha1.update(inMemory ? memory.subarray(at, at + length) : this.#readBack(offset, length))
      this.#hashedBlocks = end
    }
  }

  #readBack(offset: number, length: number): Uint8Array {
    const bytes = readBackBuffer.subarray(0, length).fill(0)
    for (const slice of this.#files.map.slices(this.#piece, offset, length)) {
      const target = bytes.subarray(slice.rangeOffset, slice.rangeOffset + slice.length)
      this.#files.read(slice.entryIndex, slice.fileOffset, target)
    }
    return bytes
  }

  #finish(): PieceDigests {
    return {
      sha1: this.#hasSha1 ? this.#finishSha1() : undefined,
      root: this.#leaves?.root(this.#piece),
    }
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

/** The runs of set bits, lowest first. */
function runsOf(bits: number): { start: number; count: number }[] {
  const runs: { start: number; count: number }[] = []
  for (let bit = 0; bits >>> bit !== 0; ) {
    let count = 0
    while ((bits >>> (bit + count)) & 1) count++
    if (count > 0) runs.push({ start: bit, count })
    bit += count + 1
  }
  return runs
}
