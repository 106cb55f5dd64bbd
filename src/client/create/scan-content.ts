import { constants, type Stats } from 'node:fs'
import { access, lstat, readdir, readlink, realpath, stat } from 'node:fs/promises'
import { basename, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { compareBytes, toUtf8 } from '../../base/bytes.js'
import { Glob } from '../../base/glob.js'
import { DiskError, toDiskError } from '../disk/disk-error.js'

export type ScannedItem =
  | {
      readonly type: 'file'
      /** Components below the folder; the name alone where the content is a single file. */
      readonly path: readonly string[]
      /** Bytes. */
      readonly length: number
      readonly isExecutable: boolean
      readonly diskPath: string
    }
  | {
      readonly type: 'symlink'
      readonly path: readonly string[]
      /** Components below the folder. */
      readonly target: readonly string[]
      readonly diskPath: string
    }

export interface ScannedContent {
  readonly isFolder: boolean
  /** Name of the file or the folder. */
  readonly name: string
  /** Sorted by the bytes of each component, as a v2 torrent has them. */
  readonly items: readonly ScannedItem[]
  /** What was left out, and why: one line each. */
  readonly warnings: readonly string[]
}

export interface ScanOptions {
  /** Take in what begins with a dot. */
  readonly includeHidden?: boolean
  /**
   * Leave out what matches: a pattern without a slash is matched against names, others against the path below
   * the folder.
   */
  readonly exclude?: readonly string[]
  /** Take what symlinks lead to, instead of keeping them as symlinks. */
  readonly followSymlinks?: boolean
  readonly signal?: AbortSignal
}

/** Entries of a folder that are looked at at the same time. */
const PARALLEL = 32

/**
 * Lists what a torrent of `path` would hold.
 * @throws {DiskError} for what is not there or cannot be read
 */
export async function scanContent(path: string, options: ScanOptions = {}): Promise<ScannedContent> {
  const root = await attempt(path, () => realpath(path))
  // The name is as it was typed, also for a symlink.
  const name = basename(resolve(path))
  const stats = await attempt(path, () => stat(root))
  if (stats.isFile()) {
    const item = await fileItem([name], root, stats)
    return { isFolder: false, name, items: [item], warnings: [] }
  }
  if (!stats.isDirectory()) {
    throw new DiskError('not-a-file', `Neither a file nor a folder: ${path}: choose another`, { path })
  }
  const scan = new FolderScan(root, options)
  await scan.walk(root, [], [root])
  return { isFolder: true, name, items: scan.items, warnings: scan.warnings }
}

class FolderScan {
  readonly items: ScannedItem[] = []
  readonly warnings: string[] = []
  readonly #root: string
  readonly #options: ScanOptions
  readonly #exclude: readonly Glob[]

  constructor(root: string, options: ScanOptions) {
    this.#root = root
    this.#options = options
    this.#exclude = (options.exclude ?? []).map(pattern => new Glob(pattern))
  }

  /** `ancestors` are the real paths of the folders from the root to this one. */
  async walk(folder: string, path: readonly string[], ancestors: readonly string[]): Promise<void> {
    this.#options.signal?.throwIfAborted()
    const names = await this.#namesIn(folder)
    if (names.length === 0 && path.length > 0)
      this.#leaveOut(path, 'an empty folder has no place in a torrent')
    for (let at = 0; at < names.length; at += PARALLEL) {
      const some = names.slice(at, at + PARALLEL)
      const stats = await Promise.all(
        some.map(name => attempt(join(folder, name), () => lstat(join(folder, name)))),
      )
      for (const [index, name] of some.entries()) {
        const entry = stats[index]
        const entryPath = [...path, name]
        if (entry !== undefined && !this.#isExcluded(entryPath)) {
          await this.#take(join(folder, name), entryPath, entry, ancestors)
        }
      }
    }
  }

  /** Sorted; names that no torrent can hold are an error, since leaving a file out unseen would be worse. */
  async #namesIn(folder: string): Promise<string[]> {
    const raw = await attempt(folder, () => readdir(folder, { encoding: 'buffer' }))
    const names = raw.map(bytes => {
      const name = bytes.toString('utf8')
      if (compareBytes(toUtf8(name), bytes) === 0) return { name, bytes }
      const path = join(folder, name)
      throw new DiskError('io', `The name is not valid UTF-8: ${path}: rename it`, { path })
    })
    const taken = this.#options.includeHidden ? names : names.filter(({ name }) => !name.startsWith('.'))
    return taken.sort((a, b) => compareBytes(a.bytes, b.bytes)).map(({ name }) => name)
  }

  async #take(
    diskPath: string,
    path: readonly string[],
    stats: Stats,
    ancestors: readonly string[],
  ): Promise<void> {
    if (stats.isFile()) this.items.push(await fileItem(path, diskPath, stats))
    else if (stats.isDirectory()) await this.walk(diskPath, path, [...ancestors, diskPath])
    else if (!stats.isSymbolicLink()) this.#leaveOut(path, 'neither a file nor a folder')
    else if (this.#options.followSymlinks) await this.#follow(diskPath, path, ancestors)
    else await this.#keepSymlink(diskPath, path)
  }

  async #follow(diskPath: string, path: readonly string[], ancestors: readonly string[]): Promise<void> {
    const real = await this.#target(diskPath, path)
    if (real === undefined) return
    if (ancestors.includes(real)) this.#leaveOut(path, 'a symlink to a folder that it lies in')
    else await this.#take(real, path, await attempt(real, () => lstat(real)), ancestors)
  }

  async #keepSymlink(diskPath: string, path: readonly string[]): Promise<void> {
    const real = await this.#target(diskPath, path)
    if (real === undefined) return
    const target = relative(this.#root, real)
    if (target === '') {
      this.#leaveOut(path, 'a symlink to the folder itself')
      return
    }
    if (target === '..' || target.startsWith(`..${sep}`) || isAbsolute(target)) {
      const shown = await attempt(diskPath, () => readlink(diskPath))
      this.#leaveOut(path, `a symlink to outside of the folder: ${shown}`)
      return
    }
    this.items.push({ type: 'symlink', path, target: target.split(sep), diskPath })
  }

  /** Where a symlink leads in the end; undefined, with a warning, where it leads nowhere. */
  async #target(diskPath: string, path: readonly string[]): Promise<string | undefined> {
    try {
      return await realpath(diskPath)
    } catch (error) {
      const failure = toDiskError(error, 'reading', diskPath)
      if (failure.code !== 'not-found' && failure.code !== 'symlink' && failure.code !== 'not-a-folder')
        throw failure
      this.#leaveOut(path, 'a symlink to nothing')
      return undefined
    }
  }

  #isExcluded(path: readonly string[]): boolean {
    const name = path.at(-1) ?? ''
    const whole = path.join('/')
    return this.#exclude.some(glob => glob.matches(glob.pattern.includes('/') ? whole : name))
  }

  #leaveOut(path: readonly string[], why: string): void {
    this.warnings.push(`${path.join('/')} is left out: ${why}`)
  }
}

async function fileItem(path: readonly string[], diskPath: string, stats: Stats): Promise<ScannedItem> {
  await attempt(diskPath, () => access(diskPath, constants.R_OK))
  const isExecutable = process.platform !== 'win32' && (stats.mode & 0o100) !== 0
  return { type: 'file', path, length: stats.size, isExecutable, diskPath }
}

async function attempt<Result>(path: string, perform: () => Promise<Result>): Promise<Result> {
  try {
    return await perform()
  } catch (error) {
    throw toDiskError(error, 'reading', path)
  }
}
