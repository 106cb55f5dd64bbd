import { constants, lstatSync, mkdirSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { systemCode } from '../../../base/errors.js'
import { type DiskError, toDiskError } from '../disk-error.js'
import type { FileLedger } from '../file-ledger.js'
import { type FileStamp, MISSING, type StampRules, stampOf, stampRules } from '../file-stamp.js'
import {
  componentsOf,
  partsIndexOf,
  pathOfEntry,
  type StorageLayout,
  type StorageOptions,
} from '../layout.js'
import type { PartsFile } from '../part-extents.js'
import type { Descriptors, OpenFile } from './descriptors.js'
import { fileSystemOf, isSymlink, notAFile, statOf } from './file-system.js'
import { SafeFolders } from './safe-folders.js'

/** Keys of descriptors: a storage has fewer entries than this. */
const ENTRIES_PER_STORAGE = 2 ** 24

// Windows has neither flag: there the path is looked at before it is opened.
const NO_FOLLOW = 'O_NOFOLLOW' in constants ? constants.O_NOFOLLOW : 0
// Keeps the opening of a named pipe from waiting for its other end; regular files do not care.
const NO_WAIT = 'O_NONBLOCK' in constants ? constants.O_NONBLOCK : 0

/** Shared by all files of a worker. */
export interface FilesContext {
  readonly descriptors: Descriptors
  readonly ledger: FileLedger
  readonly parts: PartsFile | undefined
  /** A file that was written to could not be closed. */
  onCloseFailed(error: DiskError): void
}

/** The files of one torrent on their paths: opened as they are needed, and looked at. */
export class OpenFiles {
  readonly layout: StorageLayout
  readonly options: StorageOptions
  readonly folders: SafeFolders
  readonly ledger: FileLedger
  readonly parts: PartsFile | undefined
  readonly partsIndex: number
  readonly #keyBase: number
  readonly #descriptors: Descriptors
  readonly #onCloseFailed: (error: DiskError) => void
  #rules: StampRules | undefined

  constructor(storage: number, layout: StorageLayout, options: StorageOptions, context: FilesContext) {
    this.layout = layout
    this.options = options
    this.folders = new SafeFolders(options.dir)
    this.ledger = context.ledger
    this.parts = context.parts
    this.partsIndex = partsIndexOf(layout)
    this.#keyBase = storage * ENTRIES_PER_STORAGE
    this.#descriptors = context.descriptors
    this.#onCloseFailed = error => context.onCloseFailed(error)
  }

  pathOf(entryIndex: number): string {
    if (this.parts !== undefined && entryIndex === this.partsIndex) return this.parts.path
    return pathOfEntry(this.layout, this.options, entryIndex)
  }

  /** The components of the folder that holds an entry. */
  parents(entryIndex: number): readonly string[] {
    const entry = this.layout.entries.at(entryIndex)
    return entry === undefined ? [] : componentsOf(this.layout, entry).slice(0, -1)
  }

  get rules(): StampRules {
    this.#rules ??= stampRules(process.platform, fileSystemOf(this.options.dir))
    return this.#rules
  }

  /**
   * The stamp of what lies at the path of an entry. In `write` mode something that cannot become a file of the content is an
   * error; in `read` mode it is missing.
   */
  look(entryIndex: number): FileStamp {
    if (entryIndex === this.partsIndex && this.parts === undefined) return MISSING
    return this.options.mode === 'write' ? this.lookToWrite(entryIndex) : this.#lookToRead(entryIndex)
  }

  /** As `look` in `write` mode, whatever the mode is. */
  lookToWrite(entryIndex: number): FileStamp {
    const path = this.pathOf(entryIndex)
    try {
      if (entryIndex !== this.partsIndex) this.folders.verify(this.parents(entryIndex))
      const stats = lstatSync(path, { bigint: true })
      if (stats.isFile()) return stampOf(stats, this.rules)
      throw notAFile(path, stats.isSymbolicLink() ? 'symlink' : 'not-a-file')
    } catch (error) {
      const failure = toDiskError(error, 'reading', path)
      if (failure.code !== 'not-found') throw failure
    }
    return MISSING
  }

  #lookToRead(entryIndex: number): FileStamp {
    const path = this.pathOf(entryIndex)
    try {
      const stats = statSync(path, { bigint: true })
      if (stats.isFile()) return stampOf(stats, this.rules)
    } catch (error) {
      const failure = toDiskError(error, 'reading', path)
      // A symlink that leads nowhere, or in a circle, leads to no file.
      const isMissing = ['not-found', 'not-a-folder', 'symlink'].includes(failure.code)
      if (!isMissing) throw failure
    }
    return MISSING
  }

  /** The stamp of an open file. */
  stampOf({ descriptor, path }: OpenFile): Extract<FileStamp, { type: 'file' }> {
    return stampOf(statOf(descriptor, path), this.rules)
  }

  /** Opens a file; in `write` mode and `isWritable`, it and its folders are made where they are not there. */
  open(entryIndex: number, isWritable: boolean): OpenFile {
    const key = this.#keyBase + entryIndex
    const changes = this.ledger.changesOf(entryIndex)
    const known = this.#descriptors.get(key, isWritable)
    if (known !== undefined && known.changes === changes) return known
    const path = this.pathOf(entryIndex)
    this.#verifyPath(entryIndex, path, isWritable)
    this.#descriptors.makeRoom(key)
    const descriptor = this.#openPath(path, isWritable)
    const inspectedAt = Number.NEGATIVE_INFINITY
    const file = { descriptor, isWritable, path, changes, inspectedAt, onCloseFailed: this.#onCloseFailed }
    this.#descriptors.put(key, file)
    if (!statOf(descriptor, path).isFile()) {
      this.#descriptors.close(key)
      throw notAFile(path, 'not-a-file')
    }
    return file
  }

  close(): void {
    this.#descriptors.closeRange(this.#keyBase, this.#keyBase + ENTRIES_PER_STORAGE)
  }

  #verifyPath(entryIndex: number, path: string, isWritable: boolean): void {
    if (this.options.mode === 'read') {
      if (isWritable) throw new Error(`opened for reading, so never written: ${path}`)
      return
    }
    if (entryIndex === this.partsIndex) {
      if (isWritable) makeStateFolder(dirname(path))
    } else if (isWritable) this.folders.ensure(this.parents(entryIndex))
    else this.folders.verify(this.parents(entryIndex))
    if (NO_FOLLOW === 0 && isSymlink(path)) throw notAFile(path, 'symlink')
  }

  #openPath(path: string, isWritable: boolean): number {
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
}

/** The folder of the parts file: it is the user's own, and need not be safe from what a torrent put there. */
function makeStateFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw toDiskError(error, 'creating', path)
  }
}
