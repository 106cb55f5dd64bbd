// Queries to the file system about one file.

import { type BigIntStats, fstatSync, lstatSync, statfsSync } from 'node:fs'
import { systemCode } from '../../../base/errors.js'
import { DiskError, toDiskError } from '../disk-error.js'

export function statOf(descriptor: number, path: string): BigIntStats {
  try {
    return fstatSync(descriptor, { bigint: true })
  } catch (error) {
    throw toDiskError(error, 'reading', path)
  }
}

/** The kind of file system that a folder lies on, as `f_type` of `statfs`; undefined where that is not known. */
export function fileSystemOf(folder: string): number | undefined {
  try {
    return statfsSync(folder).type
  } catch (error) {
    if (systemCode(error) === '') throw error
    return undefined
  }
}

export function isSymlink(path: string): boolean {
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
