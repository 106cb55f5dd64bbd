import { realpath, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { systemCode } from '../base/errors.js'

/**
 * The real path of a file or folder: symlinks resolved as far as the path exists, the rest as it is. Never rejects; a path
 * that the system does not let us resolve stays as it is.
 * @param path absolute
 */
export async function realPlace(path: string): Promise<string> {
  try {
    return await realpath(path)
  } catch (error) {
    const parent = dirname(path)
    if (systemCode(error) !== 'ENOENT' || parent === path) return path
    return join(await realPlace(parent), basename(path))
  }
}

/** The nearest folder that exists, from `path` upwards. */
export async function nearestFolder(path: string): Promise<string> {
  const isFolder = await stat(path).then(
    stats => stats.isDirectory(),
    () => false,
  )
  const parent = dirname(path)
  return isFolder || parent === path ? path : await nearestFolder(parent)
}

/** Identifies an existing folder independently of its path, as with bind mounts; undefined if it does not exist. */
export async function identityOf(path: string): Promise<string | undefined> {
  try {
    const { dev, ino } = await stat(path, { bigint: true })
    // Some network file systems number nothing.
    return ino === 0n ? undefined : `${dev}:${ino}`
  } catch {
    return undefined
  }
}
