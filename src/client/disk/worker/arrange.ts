// What is done to a torrent's files as a whole. BEP 47: symlinks and executable files.

import { chmodSync, linkSync, lstatSync, readlinkSync, statSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { systemCode } from '../../../base/errors.js'
import type { SymlinkEntry } from '../../../protocol/metainfo/metainfo.js'
import { DiskError, toDiskError, tooShort } from '../disk-error.js'
import { type FileStamp, MISSING } from '../file-stamp.js'
import { FileStamps } from '../file-stamps.js'
import { componentsOf, indexed } from '../layout.js'
import type { StampRun } from '../messages.js'
import { type ContentFiles, notAFile } from './content-files.js'

/** The stamps of `count` entries from `first` on. */
export function stampFiles(files: ContentFiles, first: number, count: number): StampRun {
  const stamps = FileStamps.missing(count)
  for (let index = 0; index < count; index++) {
    if (files.layout.entries.at(first + index)?.type === 'file')
      stamps.set(index, stampFile(files, first + index))
  }
  return { type: 'stamps', packed: stamps.packed }
}

/**
 * In `write` mode something that cannot become a file of the content is an error; in `read` mode it is
 * missing.
 */
function stampFile(files: ContentFiles, entryIndex: number): FileStamp {
  const path = files.pathOf(entryIndex)
  const isStrict = files.options.mode === 'write'
  try {
    if (isStrict) files.folders.verify(files.parents(entryIndex))
    const stats = (isStrict ? lstatSync : statSync)(path, { bigint: true })
    if (stats.isFile()) return files.stampOf(stats)
    if (isStrict) throw notAFile(path, stats.isSymbolicLink() ? 'symlink' : 'not-a-file')
  } catch (error) {
    const failure = toDiskError(error, 'reading', path)
    const isMissing = failure.code === 'not-found' || (!isStrict && failure.code === 'not-a-folder')
    if (!isMissing) throw failure
  }
  return MISSING
}

/**
 * Makes the folders, and the files that no piece will ever make: the empty ones. A single file is made at once
 * too, so that a folder that cannot be written to is found before the first peer is.
 */
export function prepareFiles(files: ContentFiles): void {
  const { entries, isFolder, name } = files.layout
  files.folders.ensure(isFolder ? [name] : [])
  for (const [entryIndex, entry] of indexed(entries)) {
    if (entry.type !== 'file') continue
    if (entry.length === 0 || !isFolder) files.create(entryIndex)
    else files.folders.ensure(files.parents(entryIndex))
  }
}

/**
 * Makes symlinks and executable bits, once the content is complete and nothing is written any more.
 * @throws {DiskError} also where somebody has taken a file away since: what was written then is nowhere
 */
export function finishFiles(files: ContentFiles): void {
  for (const [entryIndex, entry] of indexed(files.layout.entries)) {
    const path = files.pathOf(entryIndex)
    if (entry.type === 'file') verifyLength(files, entryIndex, entry.length)
    if (entry.type === 'file' && entry.isExecutable) makeExecutable(path)
    if (entry.type === 'symlink') {
      files.folders.ensure(files.parents(entryIndex))
      makeSymlink(files, entry, path)
    }
  }
}

function verifyLength(files: ContentFiles, entryIndex: number, length: number): void {
  const stamp = stampFile(files, entryIndex)
  if (stamp.type === 'missing' || stamp.size < length) throw tooShort(files.pathOf(entryIndex))
}

/** Whoever may read the file may now execute it. */
function makeExecutable(path: string): void {
  try {
    const { mode } = lstatSync(path)
    const executable = mode | ((mode & 0o444) >> 2)
    if (executable !== mode) chmodSync(path, executable & 0o7777)
  } catch (error) {
    throw toDiskError(error, 'writing', path)
  }
}

function makeSymlink(files: ContentFiles, entry: SymlinkEntry, path: string): void {
  const targetPath = join(files.options.dir, ...componentsOf(files.layout, { ...entry, path: entry.target }))
  const target = relative(dirname(path), targetPath)
  try {
    symlinkSync(target, path)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'EEXIST') refuseOther(path, target)
    else if (code === 'EPERM' && process.platform === 'win32') linkWithoutPrivilege(targetPath, path)
    else throw toDiskError(error, 'creating', path)
  }
}

function refuseOther(path: string, target: string): void {
  try {
    if (lstatSync(path).isSymbolicLink() && readlinkSync(path) === target) return
  } catch (error) {
    throw toDiskError(error, 'reading', path)
  }
  const message = `Something else is where a symlink must be: ${path}: move it away`
  throw new DiskError('exists', message, { path })
}

/** Windows lets not everyone make symlinks; these two come nearest. */
function linkWithoutPrivilege(targetPath: string, path: string): void {
  try {
    if (statSync(targetPath).isDirectory()) symlinkSync(targetPath, path, 'junction')
    else linkSync(targetPath, path)
  } catch (error) {
    throw toDiskError(error, 'creating', path)
  }
}
