import { ftruncateSync, readSync, readvSync, writeSync } from 'node:fs'
import { type FileSlice, PieceMap } from '../../../protocol/metainfo/piece-map.js'
import { changedByOthers, cutByOthers, DiskError, removedByOthers, toDiskError } from '../disk-error.js'
import type { FileLedger } from '../file-ledger.js'
import type { FileStamp } from '../file-stamp.js'
import type { StorageLayout } from '../layout.js'
import type { PartExtents } from '../part-extents.js'
import type { OpenFile } from './descriptors.js'
import type { OpenFiles } from './open-files.js'
import { WINDOW_LENGTH, window } from './window.js'

/**
 * Bytes of one write. For more at a time Linux looks for larger pages, which a virtual machine often has to ask its host
 * for: that took a second more of system time for each GB. Where memory is at hand, short writes cost a tenth of that.
 */
const WRITE_LENGTH = 2 ** 16

/** A file that is served is compared with the ledger when it is opened, and again after this time. */
const INSPECT_MS = 1_000

/** The outcome of a read: all of it, or only the first `count` bytes, since the file ends there. */
export type ReadOutcome = { readonly type: 'full' } | { readonly type: 'short'; readonly count: number }

const FULL: ReadOutcome = { type: 'full' }

/**
 * Reads and writes the files of one torrent, and keeps the ledger of what they look like; nothing is written outside its folder.
 */
export class ContentFiles {
  readonly layout: StorageLayout
  readonly map: PieceMap
  readonly ledger: FileLedger
  readonly #files: OpenFiles

  constructor(files: OpenFiles) {
    this.layout = files.layout
    this.map = new PieceMap(files.layout)
    this.ledger = files.ledger
    this.#files = files
  }

  pathOf(entryIndex: number): string {
    return this.#files.pathOf(entryIndex)
  }

  /** As `PieceMap.slices`, but bytes that lie in the parts file are slices of that: its index is `partsIndexOf`. */
  slices(piece: number, offset: number, length: number): FileSlice[] {
    const { parts, partsIndex } = this.#files
    if (parts === undefined) return this.map.slices(piece, offset, length)
    const { pieceLength } = this.map
    const slices: FileSlice[] = []
    // Piece by piece: what lies in the parts file are the bytes of one file in one piece.
    for (let at = offset; at < offset + length; ) {
      const next = Math.min(offset + length, (Math.floor(at / pieceLength) + 1) * pieceLength)
      for (const slice of this.map.slices(piece, at, next - at)) {
        const place = parts.extents.place(piece * pieceLength + at + slice.rangeOffset, slice.length)
        const rangeOffset = at - offset + slice.rangeOffset
        slices.push(
          place === undefined
            ? { ...slice, rangeOffset }
            : { entryIndex: partsIndex, fileOffset: place, rangeOffset, length: slice.length },
        )
      }
      at = next
    }
    return slices
  }

  // Reading.

  /** Fills `target` from `offset` of a file on. */
  readExactly(entryIndex: number, offset: number, target: Uint8Array): ReadOutcome {
    const { descriptor } = this.#files.open(entryIndex, false)
    try {
      let done = 0
      while (done < target.length) {
        const count = readSync(descriptor, target, done, target.length - done, offset + done)
        if (count === 0) return { type: 'short', count: done }
        done += count
      }
      return FULL
    } catch (error) {
      throw toDiskError(error, 'reading', this.pathOf(entryIndex))
    }
  }

  /** As `readExactly`, into one target after the other, with one call to the system where that is enough. */
  readParts(entryIndex: number, offset: number, targets: readonly Uint8Array[]): ReadOutcome {
    const { descriptor } = this.#files.open(entryIndex, false)
    const length = targets.reduce((sum, target) => sum + target.length, 0)
    try {
      if (readvSync(descriptor, targets, offset) === length) return FULL
    } catch (error) {
      throw toDiskError(error, 'reading', this.pathOf(entryIndex))
    }
    let done = 0
    for (const target of targets) {
      const outcome = this.readExactly(entryIndex, offset + done, target)
      if (outcome.type === 'short') return { type: 'short', count: done + outcome.count }
      done += target.length
    }
    return FULL
  }

  /**
   * The error for a file that ended too early. Another program cut it: that is noted, so that the rest of it is hashed again.
   */
  tooShort(entryIndex: number): DiskError {
    this.ledger.noteChange(entryIndex)
    return cutByOthers(this.pathOf(entryIndex))
  }

  /**
   * To be called before bytes are served that were verified earlier: whether the file is as it was then, as far as the file
   * system tells. It is looked at when it is opened and once a second after that.
   * @throws {DiskError} `changed` or `gone`: nothing of it may be served until its pieces were hashed again
   */
  inspect(entryIndex: number): void {
    let file: OpenFile
    try {
      file = this.#files.open(entryIndex, false)
    } catch (error) {
      if (!(error instanceof DiskError) || error.code !== 'not-found') throw error
      this.ledger.noteChange(entryIndex)
      throw removedByOthers(this.pathOf(entryIndex))
    }
    const now = performance.now()
    const isDue = now - file.inspectedAt >= INSPECT_MS
    if (isDue) file.inspectedAt = now
    const stamp = isDue ? this.#compare(entryIndex) : undefined
    if (!this.ledger.isChanged(entryIndex)) return
    const path = this.pathOf(entryIndex)
    throw stamp?.type === 'missing' ? removedByOthers(path) : changedByOthers(path)
  }

  /** True if a file still has its known stamp. A change is recorded. */
  isAsKnown(entryIndex: number): boolean {
    this.#compare(entryIndex)
    return !this.ledger.isChanged(entryIndex)
  }

  // Stamps.

  /** As `OpenFiles.look`. */
  look(entryIndex: number): FileStamp {
    return this.#files.look(entryIndex)
  }

  /** Takes a file as it is now: its bytes are about to be hashed. */
  rebase(entryIndex: number): void {
    this.ledger.lock(entryIndex)
    try {
      this.ledger.settle(entryIndex)
      this.ledger.know(entryIndex, this.look(entryIndex))
    } finally {
      this.ledger.unlock(entryIndex)
    }
  }

  // Writing.

  /** Copies bytes that lie in the parts file into the files that they belong to. */
  takeParts(extents: PartExtents): void {
    const { pieceLength } = this.map
    for (const { start, length, at } of extents) {
      const piece = Math.floor(start / pieceLength)
      for (let done = 0; done < length; done += WINDOW_LENGTH) {
        const bytes = window.subarray(0, Math.min(WINDOW_LENGTH, length - done))
        const { partsIndex } = this.#files
        if (this.readExactly(partsIndex, at + done, bytes).type === 'short') throw this.tooShort(partsIndex)
        const offset = start - piece * pieceLength + done
        for (const { entryIndex, fileOffset, rangeOffset, length } of this.map.slices(
          piece,
          offset,
          bytes.length,
        ))
          this.write(entryIndex, fileOffset, bytes.subarray(rangeOffset, rangeOffset + length))
      }
    }
  }

  /** Writes all of `source`; the file and its folders are made where they are not there. */
  write(entryIndex: number, offset: number, source: Uint8Array): void {
    this.ledger.lock(entryIndex)
    try {
      const file = this.#fileToWrite(entryIndex)
      writeAll(file, offset, source)
      this.#written(entryIndex, file)
    } finally {
      this.ledger.unlock(entryIndex)
    }
  }

  /** Makes an empty file where there is none. */
  create(entryIndex: number): void {
    this.ledger.lock(entryIndex)
    try {
      this.#written(entryIndex, this.#fileToWrite(entryIndex))
    } finally {
      this.ledger.unlock(entryIndex)
    }
  }

  /**
   * Cuts a file to the length that it should have.
   * @throws {DiskError} `changed`: it is not as it was when it was decided to cut it
   */
  truncate(entryIndex: number): void {
    const path = this.pathOf(entryIndex)
    this.ledger.lock(entryIndex)
    try {
      const file = this.#files.open(entryIndex, true)
      if (!this.ledger.agrees(entryIndex, this.look(entryIndex))) throw changedByOthers(path)
      ftruncateSync(file.descriptor, this.layout.entries.at(entryIndex)?.length ?? 0)
      this.#written(entryIndex, file)
    } catch (error) {
      throw toDiskError(error, 'cutting', path)
    } finally {
      this.ledger.unlock(entryIndex)
    }
  }

  /** Runs what changes something of a file other than its content. */
  changeAttributes(entryIndex: number, change: () => void): void {
    this.ledger.lock(entryIndex)
    try {
      if (!this.ledger.agrees(entryIndex, this.look(entryIndex))) this.ledger.noteChange(entryIndex)
      change()
      if (this.ledger.known(entryIndex) !== undefined) this.ledger.know(entryIndex, this.look(entryIndex))
    } finally {
      this.ledger.unlock(entryIndex)
    }
  }

  close(): void {
    this.#files.close()
  }

  /** Compares the file at the path of an entry with the ledger. */
  #compare(entryIndex: number): FileStamp {
    this.ledger.lock(entryIndex)
    try {
      const stamp = this.look(entryIndex)
      if (!this.ledger.agrees(entryIndex, stamp)) this.ledger.noteChange(entryIndex)
      return stamp
    } finally {
      this.ledger.unlock(entryIndex)
    }
  }

  /** Opens a file whose row is held. If another program replaced it, that is recorded, and the file now at its path is opened. */
  #fileToWrite(entryIndex: number): OpenFile {
    const file = this.#files.open(entryIndex, true)
    if (!this.#files.rules.areInstant) return file
    const stamp = this.#files.stampOf(file)
    // Opening it has made a file that was missing.
    const isNew = stamp.size === 0 && this.ledger.known(entryIndex)?.type === 'missing'
    if (isNew || this.ledger.agrees(entryIndex, stamp)) return file
    this.ledger.noteChange(entryIndex)
    return this.#files.open(entryIndex, true)
  }

  /** Records that this thread has just written to a file whose row is held. */
  #written(entryIndex: number, file: OpenFile): void {
    if (this.#files.rules.areInstant) this.ledger.know(entryIndex, this.#files.stampOf(file))
    else this.ledger.forget(entryIndex)
  }
}

function writeAll({ descriptor, path }: OpenFile, offset: number, source: Uint8Array): void {
  try {
    let done = 0
    while (done < source.length) {
      const length = Math.min(WRITE_LENGTH, source.length - done)
      const count = writeSync(descriptor, source, done, length, offset + done)
      if (count === 0) throw new Error('nothing was written')
      done += count
    }
  } catch (error) {
    throw toDiskError(error, 'writing', path)
  }
}
