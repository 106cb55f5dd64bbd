import { createHash, type Hash } from 'node:crypto'
import { SHA1_LENGTH } from '../../../protocol/digests.js'
import { HASH_LENGTH } from '../../../protocol/merkle.js'
import { DiskError } from '../disk-error.js'
import { type CheckedPiece, type CheckedRun, PIECE_STATES } from '../messages.js'
import type { ContentFiles, ReadOutcome } from './content-files.js'
import { PieceLeaves } from './merkle-root.js'
import { WholeFiles } from './whole-files.js'
import { WINDOW_LENGTH, window } from './window.js'

const ZEROS = Buffer.alloc(WINDOW_LENGTH)

/** Hashes pieces as they lie in the files: small ones are read together, large ones in parts. */
export class PieceCheck {
  readonly #files: ContentFiles
  readonly #leaves: PieceLeaves | undefined
  readonly #hasSha1: boolean

  constructor(files: ContentFiles) {
    this.#files = files
    this.#hasSha1 = files.layout.version !== 'v2'
    this.#leaves = files.layout.version === 'v1' ? undefined : new PieceLeaves(files.map)
  }

  /**
   * Hashes `count` pieces from `first` on; with `checksums`, also the files that lie in them as a whole.
   * @throws {DiskError} for a file that is there and cannot be read
   */
  run(first: number, count: number, checksums: boolean): CheckedRun {
    const { pieceLength } = this.#files.map
    const { entries } = this.#files.layout
    const whole = checksums ? new WholeFiles(entries, (first + count) * pieceLength) : undefined
    const run = {
      type: 'checked' as const,
      sha1s: new Uint8Array(this.#hasSha1 ? count * SHA1_LENGTH : 0),
      roots: new Uint8Array(this.#leaves === undefined ? 0 : count * HASH_LENGTH),
      states: new Uint8Array(count),
      checksums: whole?.found ?? [],
    }
    const step = Math.max(1, Math.floor(WINDOW_LENGTH / pieceLength))
    for (let index = 0; index < count; index += step) {
      const piece = first + index
      const pieces =
        pieceLength > WINDOW_LENGTH
          ? [this.#inParts(piece, whole)]
          : this.#together(piece, Math.min(step, count - index), whole)
      pieces.forEach(({ sha1, root, state }, at) => {
        if (sha1 !== undefined) run.sha1s.set(sha1, (index + at) * SHA1_LENGTH)
        if (root !== undefined) run.roots.set(root, (index + at) * HASH_LENGTH)
        run.states[index + at] = PIECE_STATES.indexOf(state)
      })
    }
    return run
  }

  /**
   * The SHA-256 of each block of a piece that was received; undefined where the files are no longer as they were written, since
   * then the digests say nothing of the peers that sent the blocks.
   * @throws {DiskError}
   */
  blockDigests(piece: number): Uint8Array | undefined {
    const digests = this.#readDigests(piece)
    const slices = this.#files.slices(piece, 0, this.#files.map.pieceLength)
    return slices.every(({ entryIndex }) => this.#files.isAsKnown(entryIndex)) ? digests : undefined
  }

  #readDigests(piece: number): Uint8Array | undefined {
    const { map } = this.#files
    const leaves = new PieceLeaves(map)
    const size = map.dataSize(piece)
    for (let offset = 0; offset < size; offset += WINDOW_LENGTH) {
      const length = Math.min(WINDOW_LENGTH, size - offset)
      if (this.#fill(piece, offset, length, undefined).length > 0) return undefined
      leaves.add(piece, offset, window.subarray(0, length))
    }
    return leaves.all(piece)
  }

  /** Small pieces that fit the window. */
  #together(first: number, count: number, whole: WholeFiles | undefined): CheckedPiece[] {
    const { pieceLength } = this.#files.map
    const missing = this.#fill(first, 0, count * pieceLength, whole)
    return Array.from({ length: count }, (_, index) => {
      const start = index * pieceLength
      const end = start + this.#files.map.pieceSize(first + index)
      if (missing.some(range => range.start < end && range.end > start)) return MISSING
      const digest = this.#begin(first + index)
      digest.take(0, window.subarray(start, end))
      return digest.finish()
    })
  }

  /** One piece that is larger than the window. */
  #inParts(piece: number, whole: WholeFiles | undefined): CheckedPiece {
    const size = this.#files.map.pieceSize(piece)
    const digest = this.#begin(piece)
    for (let offset = 0; offset < size; offset += WINDOW_LENGTH) {
      const length = Math.min(WINDOW_LENGTH, size - offset)
      if (this.#fill(piece, offset, length, whole).length > 0) return MISSING
      digest.take(offset, window.subarray(0, length))
    }
    return digest.finish()
  }

  #begin(piece: number): PieceDigest {
    return new PieceDigest(piece, this.#hasSha1, this.#leaves)
  }

  /**
   * Reads a range into the window, from `offset` within a piece on; gives the parts of it that are not there.
   */
  #fill(piece: number, offset: number, length: number, whole: WholeFiles | undefined): Range[] {
    const missing: Range[] = []
    let covered = 0
    for (const slice of this.#files.slices(piece, offset, length)) {
      window.fill(0, covered, slice.rangeOffset)
      covered = slice.rangeOffset + slice.length
      const target = window.subarray(slice.rangeOffset, covered)
      const outcome = this.#read(slice.entryIndex, slice.fileOffset, target)
      if (outcome.type === 'full') {
        whole?.take(slice, target)
        continue
      }
      missing.push({ start: slice.rangeOffset + outcome.count, end: covered })
      whole?.drop()
    }
    window.fill(0, covered, length)
    return missing
  }

  #read(entryIndex: number, fileOffset: number, target: Uint8Array): ReadOutcome {
    try {
      return this.#files.readExactly(entryIndex, fileOffset, target)
    } catch (error) {
      if (error instanceof DiskError && isAbsence(error)) return { type: 'short', count: 0 }
      throw error
    }
  }
}

/** Offsets within the window. */
interface Range {
  readonly start: number
  readonly end: number
}

const MISSING: CheckedPiece = { sha1: undefined, root: undefined, state: 'missing' }

/** The digests of one piece whose bytes come in order. */
class PieceDigest {
  readonly #piece: number
  readonly #sha1: Hash | undefined
  readonly #leaves: PieceLeaves | undefined
  #isZeros = true

  constructor(piece: number, hasSha1: boolean, leaves: PieceLeaves | undefined) {
    this.#piece = piece
    this.#sha1 = hasSha1 ? createHash('sha1') : undefined
    this.#leaves = leaves
  }

  take(offset: number, bytes: Buffer): void {
    this.#isZeros &&= bytes.equals(ZEROS.subarray(0, bytes.length))
    this.#sha1?.update(bytes)
    this.#leaves?.add(this.#piece, offset, bytes)
  }

  finish(): CheckedPiece {
    return {
      sha1: this.#sha1 && new Uint8Array(this.#sha1.digest()),
      root: this.#leaves?.root(this.#piece),
      state: this.#isZeros ? 'zeros' : 'data',
    }
  }
}

/** True for errors that a check counts as a missing file. */
function isAbsence(error: DiskError): boolean {
  return ['not-found', 'not-a-file', 'not-a-folder', 'symlink'].includes(error.code)
}
