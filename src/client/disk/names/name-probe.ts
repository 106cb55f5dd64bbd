import { randomBytes } from 'node:crypto'
import { lstat, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { systemCode } from '../../../base/errors.js'
import type { Merging } from './folding.js'
import { type NameLimit, POSIX_LIMIT, SHORTEST_LIMIT, UTF16_LIMIT } from './name-rules.js'

/** Answers questions about the file system of an existing folder, each only when it matters. */
export interface NameProbe {
  /** Of the machine itself: whether names that Windows forbids mean something else than a file of that name. */
  readonly isWindows: boolean
  /** The limit that is usual on the platform. */
  readonly usualLimit: NameLimit
  /** True if names that Windows forbids are refused or altered. */
  forbidsWindowsNames(folder: string): Promise<boolean>
  limit(folder: string): Promise<NameLimit>
  merging(folder: string): Promise<Merging>
}

/** Why a file could not be made, when it is not for its name. */
const NOT_FOR_ITS_NAME = [
  'EACCES',
  'EPERM',
  'EROFS',
  'ENOSPC',
  'EDQUOT',
  'ENOENT',
  'ENOTDIR',
  'EMFILE',
  'EIO',
]

type Outcome = 'made' | 'refused' | 'unknown'

/**
 * Probes file systems by creating files, which are removed at once. If none can be created, the platform's usual rules are assumed.
 */
export class FileSystemProbe implements NameProbe {
  readonly #platform: NodeJS.Platform

  constructor(platform: NodeJS.Platform = process.platform) {
    this.#platform = platform
  }

  get isWindows(): boolean {
    return this.#platform === 'win32'
  }

  get usualLimit(): NameLimit {
    return this.#platform === 'win32' || this.#platform === 'darwin' ? UTF16_LIMIT : POSIX_LIMIT
  }

  async forbidsWindowsNames(folder: string): Promise<boolean> {
    // There a colon leads to a stream of another file, and a backslash out of the folder.
    if (this.isWindows) return true
    const name = `${probeName()}\t<>:"|?*\\`
    let isAltered = false
    const outcome = await withProbe(folder, `${name}.`, async () => {
      // vfat drops dots at the end without a word.
      isAltered = await exists(join(folder, name))
    })
    return outcome === 'refused' || isAltered
  }

  async limit(folder: string): Promise<NameLimit> {
    if (this.isWindows) return UTF16_LIMIT
    const stem = probeName()
    const wide = (count: number) => stem + '\u4e00'.repeat(count)
    const bytes = await withProbe(folder, wide(Math.floor((255 - stem.length) / 3)))
    if (bytes === 'refused') return SHORTEST_LIMIT
    const units = bytes === 'made' ? await withProbe(folder, wide(255 - stem.length)) : 'unknown'
    if (units === 'unknown') return this.usualLimit
    return units === 'made' ? UTF16_LIMIT : POSIX_LIMIT
  }

  async merging(folder: string): Promise<Merging> {
    const stem = probeName()
    let merging = usualMerging(this.#platform)
    await withProbe(folder, `${stem}-\u00e9-x`, async () => {
      merging = {
        case: await exists(join(folder, `${stem}-\u00e9-X`)),
        forms: await exists(join(folder, `${stem}-e\u0301-x`)),
      }
    })
    return merging
  }
}

/** The merging of a platform's usual file systems. */
export function usualMerging(platform: NodeJS.Platform): Merging {
  return { case: platform === 'win32' || platform === 'darwin', forms: platform === 'darwin' }
}

/** True if a path exists; false also if the system cannot tell. */
export async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path)
    return true
  } catch (error) {
    if (systemCode(error) === '') throw error
    return false
  }
}

function probeName(): string {
  return `.torrent-${randomBytes(6).toString('hex')}`
}

/** Makes a file, looks, and removes it. */
async function withProbe(folder: string, name: string, look?: () => Promise<void>): Promise<Outcome> {
  const path = join(folder, name)
  try {
    await (await open(path, 'wx')).close()
  } catch (error) {
    if (systemCode(error) === '') throw error
    return NOT_FOR_ITS_NAME.includes(systemCode(error)) ? 'unknown' : 'refused'
  }
  try {
    await look?.()
  } finally {
    await rm(path, { force: true })
  }
  return 'made'
}
