import { lstatSync, mkdirSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { systemCode } from '../../../base/errors.js'
import { DiskError, toDiskError } from '../disk-error.js'

/**
 * The folders below the one that the user chose. None of them may be a symlink, or a torrent that created or found one could write
 * anywhere. A folder that was verified once is not examined again.
 */
export class SafeFolders {
  readonly #dir: string
  readonly #verified = new Set<string>()
  #dirIsThere = false

  constructor(dir: string) {
    this.#dir = dir
  }

  /** Makes the folder `components` below `dir`, and what leads to it, where they are not there. */
  ensure(components: readonly string[]): void {
    this.#walk(components, makeFolder)
  }

  /** As `ensure`, but creates nothing. A missing folder is no error here, since opening the file will fail. */
  verify(components: readonly string[]): void {
    this.#walk(components, undefined)
  }

  #walk(components: readonly string[], make: ((path: string) => void) | undefined): void {
    this.#verifyDir()
    let path = this.#dir
    for (const component of components) {
      path = join(path, component)
      if (this.#verified.has(path)) continue
      if (!isFolder(path)) {
        if (make === undefined) return
        make(path)
        if (!isFolder(path)) throw toDiskError(new Error('it vanished'), 'creating', path)
      }
      this.#verified.add(path)
    }
  }

  /** The user's own folder may well be a symlink. */
  #verifyDir(): void {
    if (this.#dirIsThere) return
    let isDirectory: boolean
    try {
      isDirectory = statSync(this.#dir).isDirectory()
    } catch (error) {
      throw toDiskError(error, 'reading', this.#dir)
    }
    if (!isDirectory) throw notAFolder(this.#dir)
    this.#dirIsThere = true
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path)
  } catch (error) {
    // Another worker was faster: what it made is looked at like any other.
    if (systemCode(error) !== 'EEXIST') throw toDiskError(error, 'creating', path)
  }
}

/** False where there is nothing. */
function isFolder(path: string): boolean {
  let stats: Stats | undefined
  try {
    stats = lstatSync(path, { throwIfNoEntry: false })
  } catch (error) {
    throw toDiskError(error, 'reading', path)
  }
  if (stats === undefined) return false
  if (stats.isSymbolicLink()) {
    throw new DiskError('symlink', `A symlink is where a folder must be: ${path}: remove it`, { path })
  }
  if (!stats.isDirectory()) throw notAFolder(path)
  return true
}

function notAFolder(path: string): DiskError {
  const message = `A file is where a folder must be: ${path}: move it away or choose another folder`
  return new DiskError('not-a-folder', message, { path })
}
