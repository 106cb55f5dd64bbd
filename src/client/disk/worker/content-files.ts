import {
  type BigIntStats,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  readvSync,
  statfsSync,
  writeSync,
} from 'node:fs'
import { systemCode } from '../../../base/errors.js'
import { PieceMap } from '../../../protocol/metainfo/piece-map.js'
import { DiskError, toDiskError } from '../disk-error.js'
import { type FileStamp, inodesLast, stampOf } from '../file-stamp.js'
import { componentsOf, pathOfEntry, type StorageLayout, type StorageOptions } from '../layout.js'
import type { Descriptors } from './descriptors.js'
import { SafeFolders } from './safe-folders.js'

/** Keys of descriptors: a storage has fewer entries than this. */
const ENTRIES_PER_STORAGE = 2 ** 24

// Windows has neither flag: there the path is looked at before it is opened.
const NO_FOLLOW = 'O_NOFOLLOW' in constants ? constants.O_NOFOLLOW : 0
// Keeps the opening of a named pipe from waiting for its other end; regular files do not care.
const NO_WAIT = 'O_NONBLOCK' in constants ? constants.O_NONBLOCK : 0

/**
 * Bytes of one write. For more at a time Linux looks for larger pages, which a virtual machine often has to ask its host
 * for: that took a second more of system time for each GB. Where memory is at hand, short writes cost a tenth of that.
 */
const WRITE_LENGTH = 2 ** 16

/** The files of one torrent, opened as they are needed; nothing is written outside `options.dir`. */
export class ContentFiles {
  readonly layout: StorageLayout
  readonly options: StorageOptions
  readonly map: PieceMap
  readonly folders: SafeFolders
  readonly #keyBase: number
  readonly #descriptors: Descriptors
  #hasInodes: boolean | undefined

  constructor(storage: number, layout: StorageLayout, options: StorageOptions, descriptors: Descriptors) {
    this.layout = layout
    this.options = options
    this.map = new PieceMap(layout)
    this.folders = new SafeFolders(options.dir)
    this.#keyBase = storage * ENTRIES_PER_STORAGE
    this.#descriptors = descriptors
  }

  pathOf(entryIndex: number): string {
    return pathOfEntry(this.layout, this.options, entryIndex)
  }

  /** Fills `target` from `offset` of a file on; returns how many bytes there were. */
  read(entryIndex: number, offset: number, target: Uint8Array): number {
    const descriptor = this.#descriptor(entryIndex, false)
    try {
      let done = 0
      while (done < target.length) {
        const count = readSync(descriptor, target, done, target.length - done, offset + done)
        if (count === 0) break
        done += count
      }
      return done
    } catch (error) {
      throw toDiskError(error, 'reading', this.pathOf(entryIndex))
    }
  }

  /** The stamp of a file that is there. */
  stamp(entryIndex: number): FileStamp {
    return this.stampOf(statOf(this.#descriptor(entryIndex, false), this.pathOf(entryIndex)))
  }

  /** The stamp that `stats` of any of these files make. */
  stampOf(stats: BigIntStats): Extract<FileStamp, { type: 'file' }> {
    this.#hasInodes ??= inodesLast(process.platform, fileSystemOf(this.options.dir))
    return stampOf(stats, this.#hasInodes)
  }

  /** As `read`, into one target after the other, with one call to the system where that is enough. */
  readParts(entryIndex: number, offset: number, targets: readonly Uint8Array[]): number {
    const descriptor = this.#descriptor(entryIndex, false)
    const length = targets.reduce((sum, target) => sum + target.length, 0)
    try {
      if (readvSync(descriptor, targets, offset) === length) return length
    } catch (error) {
      throw toDiskError(error, 'reading', this.pathOf(entryIndex))
    }
    let done = 0
    for (const target of targets) {
      const count = this.read(entryIndex, offset + done, target)
      done += count
      if (count < target.length) break
    }
    return done
  }

  /** Writes all of `source`; the file and its folders are made where they are not there. */
  write(entryIndex: number, offset: number, source: Uint8Array): void {
    const descriptor = this.#descriptor(entryIndex, true)
    try {
      let done = 0
      while (done < source.length) {
        const length = Math.min(WRITE_LENGTH, source.length - done)
        const count = writeSync(descriptor, source, done, length, offset + done)
        if (count === 0) throw new Error('nothing was written')
        done += count
      }
    } catch (error) {
      throw toDiskError(error, 'writing', this.pathOf(entryIndex))
    }
  }

  /** Makes an empty file where there is none. */
  create(entryIndex: number): void {
    this.#descriptor(entryIndex, true)
  }

  close(): void {
    this.#descriptors.closeRange(this.#keyBase, this.#keyBase + ENTRIES_PER_STORAGE)
  }

  #descriptor(entryIndex: number, isWritable: boolean): number {
    const key = this.#keyBase + entryIndex
    const known = this.#descriptors.get(key, isWritable)
    if (known !== undefined) return known
    const path = this.pathOf(entryIndex)
    this.#verifyPath(entryIndex, path, isWritable)
    this.#descriptors.makeRoom(key)
    const descriptor = this.#open(path, isWritable)
    this.#descriptors.put(key, { descriptor, isWritable, path })
    if (!statOf(descriptor, path).isFile()) {
      this.#descriptors.close(key)
      throw notAFile(path, 'not-a-file')
    }
    return descriptor
  }

  #verifyPath(entryIndex: number, path: string, isWritable: boolean): void {
    if (this.options.mode === 'read') {
      if (isWritable) throw new Error(`opened for reading, so never written: ${path}`)
      return
    }
    if (isWritable) this.folders.ensure(this.parents(entryIndex))
    else this.folders.verify(this.parents(entryIndex))
    if (NO_FOLLOW === 0 && isSymlink(path)) throw notAFile(path, 'symlink')
  }

  #open(path: string, isWritable: boolean): number {
    const access = isWritable ? constants.O_RDWR | constants.O_CREAT : constants.O_RDONLY
    const flags = access | NO_WAIT | (this.options.mode === 'write' ? NO_FOLLOW : 0)
    const action = isWritable ? 'writing' : 'reading'
    try {
      return openSync(path, flags, 0o666)
    } catch (error) {
      if (systemCode(error) !== 'EMFILE') throw toDiskError(error, action, path)
    }
    // The process is out of descriptors: do with fewer.
    this.#descriptors.closeAll()
    try {
      return openSync(path, flags, 0o666)
    } catch (error) {
      throw toDiskError(error, action, path)
    }
  }

  /** The components of the folder that holds an entry. */
  parents(entryIndex: number): readonly string[] {
    const entry = this.layout.entries.at(entryIndex)
    return entry === undefined ? [] : componentsOf(this.layout, entry).slice(0, -1)
  }
}

function statOf(descriptor: number, path: string): BigIntStats {
  try {
    return fstatSync(descriptor, { bigint: true })
  } catch (error) {
    throw toDiskError(error, 'reading', path)
  }
}

/** The kind of file system that a folder lies on; undefined where that is not known. */
function fileSystemOf(folder: string): number | undefined {
  try {
    return statfsSync(folder).type
  } catch (error) {
    if (systemCode(error) === '') throw error
    return undefined
  }
}

function isSymlink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false
  } catch (error) {
    throw toDiskError(error, 'reading', path)
  }
}

/** The error for something that is neither a regular file nor, in `write` mode, nothing. */
export function notAFile(path: string, code: 'symlink' | 'not-a-file'): DiskError {
  const what = code === 'symlink' ? 'A symlink is' : 'Something else is'
  const message = `${what} where a file must be: ${path}: move it away or choose another folder`
  return new DiskError(code, message, { path })
}
