import { lstat, rename, rm, writeFile } from 'node:fs/promises'
import { CliError } from '../errors/cli-error.js'
import { systemReason } from '../errors/system-reason.js'

/** Throws `CliError` where something is at `path` already: asked before hours of hashing, not after. */
export async function assertFree(path: string): Promise<void> {
  try {
    await lstat(path)
  } catch {
    // Whatever else is wrong with the path shows when it is written.
    return
  }
  throw new CliError('exists', `${path}: it exists already`, { subject: path })
}

/** Writes a .torrent so that at any moment there is the old file or the whole new one. Throws `CliError`. */
export async function writeTorrentFile(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`
  try {
    await writeFile(temporary, bytes, { flag: 'wx' })
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    const what = `cannot write ${path}: ${systemReason(error)}`
    throw new CliError('not-written', what, { subject: path }, { cause: error })
  }
}
