import { randomBytes } from 'node:crypto'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { toDiskError } from '../disk/disk-error.js'
import { makeFolders } from '../make-folders.js'

/**
 * Writes a file of the state: whole or not at all, whenever the machine stops. Its folder is made where it is not there.
 * @throws {import('../disk/disk-error.js').DiskError}
 */
export async function writeState(path: string, bytes: Uint8Array): Promise<void> {
  // The name is new each time: two savings at once would otherwise write into one file.
  const temporary = `${path}.${randomBytes(4).toString('hex')}.new`
  try {
    await makeFolders(dirname(path), 0o700)
    try {
      await writeSynced(temporary, bytes)
      await rename(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
    await syncFolder(dirname(path))
  } catch (error) {
    throw toDiskError(error, 'writing', path)
  }
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, 'wx', 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Makes the new name last. Windows has no such thing for folders. */
async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
