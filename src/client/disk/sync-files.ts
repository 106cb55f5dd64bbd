// fsync, away from the main thread and from the workers: it may take seconds, and nothing waits for it meanwhile.

import { constants } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { systemCode } from '../../base/errors.js'
import { toDiskError } from './disk-error.js'

/** `kept`: the disk has every byte that was in the file when the call began. `unknown`: the system cannot promise it. */
export type SyncResult = 'kept' | 'unknown'

// A pipe that took the file's place is not waited for, and no symlink is followed. Windows has neither flag.
const NO_WAIT = 'O_NONBLOCK' in constants ? constants.O_NONBLOCK : 0
const NO_FOLLOW = 'O_NOFOLLOW' in constants ? constants.O_NOFOLLOW : 0

/** The errors of a system that cannot sync this file, or not for this user. A failed write has none of these codes. */
const CANNOT_PROMISE = new Set([
  'ENOENT',
  'ENOTDIR',
  'EACCES',
  'EPERM',
  'ELOOP',
  'EMLINK',
  'EISDIR',
  'EINVAL',
  'EBADF',
  'ENOTSUP',
  'EOPNOTSUPP',
  'ENOSYS',
  'EROFS',
  'ENXIO',
])

/**
 * Waits until the disk has what was written to a file, by whichever process.
 * @throws {import('./disk-error.js').DiskError} where writing it back failed: some of it is lost
 */
export async function syncFile(path: string, mode: 'read' | 'write'): Promise<SyncResult> {
  // Windows syncs only what is open for writing.
  const access = process.platform === 'win32' ? constants.O_RDWR : constants.O_RDONLY
  return await syncPath(path, access | NO_WAIT | (mode === 'write' ? NO_FOLLOW : 0))
}

/**
 * Waits until the disk has the names in a folder. Windows has no such call.
 * @throws {import('./disk-error.js').DiskError}
 */
export async function syncFolder(path: string): Promise<SyncResult> {
  if (process.platform === 'win32') return 'unknown'
  return await syncPath(path, constants.O_RDONLY)
}

async function syncPath(path: string, flags: number): Promise<SyncResult> {
  let handle: FileHandle | undefined
  try {
    handle = await open(path, flags)
    await handle.sync()
    return 'kept'
  } catch (error) {
    if (CANNOT_PROMISE.has(systemCode(error))) return 'unknown'
    throw toDiskError(error, 'syncing', path)
  } finally {
    await handle?.close()
  }
}
