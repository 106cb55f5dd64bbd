// Operations on all files of a torrent. BEP 47: symlinks and executable files.

import { chmodSync, existsSync, linkSync, lstatSync, readlinkSync, statSync, symlinkSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Bitfield } from '../../../base/bitfield.js'
import { systemCode } from '../../../base/errors.js'
import type { SymlinkEntry } from '../../../protocol/metainfo/metainfo.js'
import { DiskError, type DiskErrorCode, toDiskError } from '../disk-error.js'
import { FileStamps } from '../file-stamps.js'
import { componentsOf, indexed } from '../layout.js'
import type { Obstacle, StampRun } from '../messages.js'
import type { ContentFiles } from './content-files.js'
import type { OpenFiles } from './open-files.js'

/** The stamps of `count` files from `first` on: of entries, and of the parts file behind them. */
export function stampFiles(files: OpenFiles, first: number, count: number): StampRun {
  const stamps = FileStamps.missing(count)
  for (let index = 0; index < count; index++) {
    const isFile =
      first + index === files.partsIndex || files.layout.entries.at(first + index)?.type === 'file'
    if (isFile) stamps.set(index, files.look(first + index))
  }
  return { type: 'stamps', packed: stamps.packed }
}

/**
 * Finds obstacles to writing entries, as a download would: a symlink or anything else that is neither a file nor a folder where
 * there must be one. Examines `count` entries from `first` on.
 */
export function findObstacles(files: OpenFiles, first: number, count: number): Obstacle[] {
  const found: Obstacle[] = []
  for (let entryIndex = first; entryIndex < first + count; entryIndex++) {
    try {
      refuseObstacle(files, entryIndex)
    } catch (error) {
      if (!(error instanceof DiskError) || !OBSTACLES.has(error.code)) throw error
      found.push({ entryIndex, path: error.facts.path })
    }
  }
  return found
}

const OBSTACLES: ReadonlySet<DiskErrorCode> = new Set(['not-a-file', 'not-a-folder', 'symlink', 'exists'])

function refuseObstacle(files: OpenFiles, entryIndex: number): void {
  const entry = files.layout.entries.at(entryIndex)
  if (entry?.type === 'file') files.lookToWrite(entryIndex)
  if (entry?.type !== 'symlink') return
  const path = files.pathOf(entryIndex)
  files.folders.verify(files.parents(entryIndex))
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined)
    refuseOther(path, linkTarget(files, entry, path))
}

/**
 * Makes the folders, and the files that no piece will ever make: the empty ones. A single file is made at once
 * too, so that a folder that cannot be written to is found before the first peer is.
 * @param selected the entries that are selected; undefined: all of them
 */
export function prepareFiles(files: OpenFiles, content: ContentFiles, selected: Bitfield | undefined): void {
  const { entries, isFolder, name } = files.layout
  files.folders.ensure(isFolder ? [name] : [])
  for (const [entryIndex, entry] of indexed(entries)) {
    if (entry.type !== 'file' || selected?.has(entryIndex) === false) continue
    if (entry.length === 0 || !isFolder) content.create(entryIndex)
    else files.folders.ensure(files.parents(entryIndex))
  }
}

/**
 * Makes symlinks and executable bits, once all that is selected is here and nothing is written any more. A file that is not
 * there is left to the comparison of stamps. A symlink to something that is not selected, and not there, is not made.
 * @param selected as for `prepareFiles`
 * @throws {DiskError}
 */
export function finishFiles(files: OpenFiles, content: ContentFiles, selected: Bitfield | undefined): void {
  const links: [entryIndex: number, link: SymlinkEntry][] = []
  for (const [entryIndex, entry] of indexed(files.layout.entries)) {
    if (selected?.has(entryIndex) === false) continue
    if (entry.type === 'file' && entry.isExecutable) makeExecutable(content, entryIndex)
    if (entry.type === 'symlink') links.push([entryIndex, entry])
  }
  // A symlink may lead to another one that stands behind it.
  for (let waiting = links; waiting.length > 0; ) {
    const left = waiting.filter(([entryIndex, link]) => !makeLink(files, entryIndex, link, selected))
    if (left.length === waiting.length) return
    waiting = left
  }
}

/** False where the symlink would lead nowhere, since what it leads to is not selected or not made yet. */
function makeLink(
  files: OpenFiles,
  entryIndex: number,
  link: SymlinkEntry,
  selected: Bitfield | undefined,
): boolean {
  if (selected !== undefined && !existsSync(targetPathOf(files, link))) return false
  files.folders.ensure(files.parents(entryIndex))
  makeSymlink(files, link, files.pathOf(entryIndex))
  return true
}

/** All that may read the file may now execute it. */
function makeExecutable(files: ContentFiles, entryIndex: number): void {
  const path = files.pathOf(entryIndex)
  try {
    const mode = lstatSync(path, { throwIfNoEntry: false })?.mode ?? 0
    const executable = mode | ((mode & 0o444) >> 2)
    if (executable !== mode) files.changeAttributes(entryIndex, () => chmodSync(path, executable & 0o7777))
  } catch (error) {
    throw toDiskError(error, 'writing', path)
  }
}

function makeSymlink(files: OpenFiles, entry: SymlinkEntry, path: string): void {
  const targetPath = targetPathOf(files, entry)
  const target = linkTarget(files, entry, path)
  try {
    symlinkSync(target, path)
  } catch (error) {
    const code = systemCode(error)
    if (code === 'EEXIST') refuseOther(path, target)
    else if (code === 'EPERM' && process.platform === 'win32') linkWithoutPrivilege(targetPath, path)
    else throw toDiskError(error, 'creating', path)
  }
}

function targetPathOf({ layout, options }: OpenFiles, entry: SymlinkEntry): string {
  return join(options.dir, ...componentsOf(layout, { ...entry, path: entry.target }))
}

/** The target of the symlink at `path`. */
function linkTarget(files: OpenFiles, entry: SymlinkEntry, path: string): string {
  return relative(dirname(path), targetPathOf(files, entry))
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
