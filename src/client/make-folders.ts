import { mkdir, stat } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemCode } from '../base/errors.js'

/**
 * Creates a folder and its missing parents. Unlike `mkdir` with `recursive`, it also ends if a file system reports ENOENT for a
 * folder in an existing one, as /proc and automounters do. Throws the system's error.
 */
export async function makeFolders(path: string, mode?: number): Promise<void> {
  try {
    await makeFolder(path, mode)
  } catch (error) {
    const parent = dirname(path)
    if (systemCode(error) !== 'ENOENT' || parent === path) throw error
    await makeFolders(parent, mode)
    await makeFolder(path, mode)
  }
}

async function makeFolder(path: string, mode: number | undefined): Promise<void> {
  try {
    await mkdir(path, { mode })
  } catch (error) {
    // Some systems complain of other things first, as of a disk that is read-only.
    const isThere = await stat(path).then(
      stats => stats.isDirectory(),
      () => false,
    )
    if (!isThere) throw error
  }
}
