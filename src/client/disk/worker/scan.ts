import {
  accessSync,
  type BigIntStats,
  constants,
  lstatSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  statSync,
} from 'node:fs'
import { basename, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { compareBytes, toUtf8 } from '../../../base/bytes.js'
import { Glob } from '../../../base/glob.js'
import { DiskError, toDiskError } from '../disk-error.js'
import type { ScanAnswer, ScannedItem, ScanOptions } from '../scan-messages.js'

/** Items in a message, so that reading it does not block the main thread for long. */
const ITEMS_AT_ONCE = 500

/**
 * Lists what a torrent of `path` would hold.
 * @throws {DiskError} for what is not there or cannot be read
 */
export function scan(path: string, options: ScanOptions, tell: (answer: ScanAnswer) => void): void {
  const root = attempt(path, () => realpathSync.native(path))
  // The name is as it was typed, also for a symlink.
  const name = basename(resolve(path))
  const stats = attempt(path, () => statSync(root, { bigint: true }))
  if (stats.isFile()) {
    tell({ type: 'items', items: [fileItem([name], root, stats)] })
    tell({ type: 'scanned', isFolder: false, root, name, warnings: [], hidden: { files: 0, folders: 0 } })
    return
  }
  if (!stats.isDirectory()) {
    throw new DiskError('not-a-file', `Neither a file nor a folder: ${path}: choose another`, { path })
  }
  const walk = new FolderWalk(root, options, tell)
  const warnings = walk.all()
  tell({ type: 'scanned', isFolder: true, root, name, warnings, hidden: walk.hidden })
}

class FolderWalk {
  readonly #warnings: string[] = []
  readonly #root: string
  readonly #options: ScanOptions
  readonly #exclude: readonly Glob[]
  readonly #tell: (answer: ScanAnswer) => void
  #items: ScannedItem[] = []
  /** Hidden files and folders that were left out. */
  readonly hidden = { files: 0, folders: 0 }

  constructor(root: string, options: ScanOptions, tell: (answer: ScanAnswer) => void) {
    this.#root = root
    this.#options = options
    this.#exclude = (options.exclude ?? []).map(pattern => new Glob(pattern))
    this.#tell = tell
  }

  /** Tells all items; gives the warnings. */
  all(): readonly string[] {
    this.#walk(this.#root, [], [this.#root])
    this.#tell({ type: 'items', items: this.#items })
    return this.#warnings
  }

  /** `ancestors` are the real paths of the folders from the root to this one. */
  #walk(folder: string, path: readonly string[], ancestors: readonly string[]): void {
    const names = this.#namesIn(folder)
    if (names.length === 0 && path.length > 0)
      this.#leaveOut(path, 'an empty folder has no place in a torrent')
    for (const name of names) {
      const diskPath = join(folder, name)
      const entryPath = [...path, name]
      const stats = attempt(diskPath, () => lstatSync(diskPath, { bigint: true }))
      if (this.#isExcluded(entryPath)) continue
      if (this.#options.includeHidden !== true && name.startsWith('.')) this.#countHidden(stats)
      else this.#take(diskPath, entryPath, stats, ancestors)
    }
  }

  /** Sorted; names that no torrent can hold are an error, since leaving a file out unseen would be worse. */
  #namesIn(folder: string): string[] {
    const raw = attempt(folder, () => readdirSync(folder, { encoding: 'buffer' }))
    const names = raw.map(bytes => {
      const name = bytes.toString('utf8')
      if (compareBytes(toUtf8(name), bytes) === 0) return { name, bytes }
      const path = join(folder, name)
      throw new DiskError('io', `The name is not valid UTF-8: ${path}: rename it`, { path })
    })
    return names.sort((a, b) => compareBytes(a.bytes, b.bytes)).map(({ name }) => name)
  }

  #countHidden(stats: BigIntStats): void {
    if (stats.isDirectory()) this.hidden.folders++
    else this.hidden.files++
  }

  #take(diskPath: string, path: readonly string[], stats: BigIntStats, ancestors: readonly string[]): void {
    if (stats.isFile()) this.#add(fileItem(path, diskPath, stats))
    else if (stats.isDirectory()) this.#walk(diskPath, path, [...ancestors, diskPath])
    else if (!stats.isSymbolicLink()) this.#leaveOut(path, 'neither a file nor a folder')
    else if (this.#options.followSymlinks) this.#follow(diskPath, path, ancestors)
    else this.#keepSymlink(diskPath, path)
  }

  #follow(diskPath: string, path: readonly string[], ancestors: readonly string[]): void {
    const real = this.#target(diskPath, path)
    if (real === undefined) return
    if (ancestors.includes(real)) this.#leaveOut(path, 'a symlink to a folder that it lies in')
    else
      this.#take(
        real,
        path,
        attempt(real, () => lstatSync(real, { bigint: true })),
        ancestors,
      )
  }

  #keepSymlink(diskPath: string, path: readonly string[]): void {
    const real = this.#target(diskPath, path)
    if (real === undefined) return
    const target = relative(this.#root, real)
    if (target === '') {
      this.#leaveOut(path, 'a symlink to the folder itself')
      return
    }
    if (target === '..' || target.startsWith(`..${sep}`) || isAbsolute(target)) {
      const shown = attempt(diskPath, () => readlinkSync(diskPath))
      this.#leaveOut(path, `a symlink to outside of the folder: ${shown}`)
      return
    }
    this.#add({ type: 'symlink', path, target: target.split(sep) })
  }

  /** The final target of a symlink; undefined, with a warning, if it is dangling. */
  #target(diskPath: string, path: readonly string[]): string | undefined {
    try {
      return realpathSync.native(diskPath)
    } catch (error) {
      const failure = toDiskError(error, 'reading', diskPath)
      if (failure.code !== 'not-found' && failure.code !== 'symlink' && failure.code !== 'not-a-folder')
        throw failure
      this.#leaveOut(path, 'a symlink to nothing')
      return undefined
    }
  }

  #add(item: ScannedItem): void {
    this.#items.push(item)
    if (this.#items.length < ITEMS_AT_ONCE) return
    this.#tell({ type: 'items', items: this.#items })
    this.#items = []
  }

  #isExcluded(path: readonly string[]): boolean {
    if (this.#exclude.length === 0) return false
    const name = path.at(-1) ?? ''
    const whole = path.join('/')
    return this.#exclude.some(glob => glob.matches(glob.pattern.includes('/') ? whole : name))
  }

  #leaveOut(path: readonly string[], why: string): void {
    this.#warnings.push(`${path.join('/')} is left out: ${why}`)
  }
}

function fileItem(path: readonly string[], diskPath: string, stats: BigIntStats): ScannedItem {
  attempt(diskPath, () => accessSync(diskPath, constants.R_OK))
  const isExecutable = process.platform !== 'win32' && (stats.mode & 0o100n) !== 0n
  return { type: 'file', path, length: Number(stats.size), mtimeNs: stats.mtimeNs, isExecutable }
}

function attempt<Result>(path: string, perform: () => Result): Result {
  try {
    return perform()
  } catch (error) {
    throw toDiskError(error, 'reading', path)
  }
}
