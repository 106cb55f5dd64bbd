// The one place that writes a result to where the user wants it.

import { randomBytes } from 'node:crypto'
import { openSync, type Stats } from 'node:fs'
import {
  access,
  constants,
  type FileHandle,
  link,
  lstat,
  open,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises'
import { Socket } from 'node:net'
import { basename, dirname, join } from 'node:path'
import { finished } from 'node:stream/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { systemCode } from '../../base/errors.js'
import { CliError } from '../errors/cli-error.js'
import { systemReason } from '../errors/system-reason.js'

/** The kind of file at the path of a result, which determines how it is written. */
export type ResultPlace =
  | { readonly type: 'stdout' }
  /** Nothing yet: a new file. */
  | { readonly type: 'new'; readonly path: string }
  /** A file, which is replaced as a whole; the path is its own where a symlink led to it. */
  | { readonly type: 'file'; readonly path: string; readonly stats: Stats }
  /** A device, FIFO, socket or a symlink to nothing: it is opened and written to, and stays what it is. */
  | { readonly type: 'through'; readonly path: string; readonly kind: 'fifo' | 'block-device' | 'other' }

/** The interval at which a FIFO is tried for a reader. */
const FIFO_RETRY_MS = 100

/**
 * Looks where a result will go: before hours of hashing, not after. `-` is standard output.
 * @throws {CliError} where it can not be written
 */
export async function findPlace(out: string): Promise<ResultPlace> {
  if (out === '-') return { type: 'stdout' }
  try {
    const stats = await stat(out)
    if (stats.isDirectory()) throw notWritten(out, 'it is a folder: name a file in it')
    if (stats.isFile()) return { type: 'file', path: await realpath(out), stats }
    const kind = stats.isFIFO() ? 'fifo' : stats.isBlockDevice() ? 'block-device' : 'other'
    return { type: 'through', path: out, kind }
  } catch (error) {
    if (error instanceof CliError) throw error
    if (systemCode(error) !== 'ENOENT') throw notWritten(out, systemReason(error), error)
  }
  // A symlink that leads to nothing yet: its target is made.
  if (await isSymlink(out)) return { type: 'through', path: out, kind: 'other' }
  await assertFolder(dirname(out), out)
  return { type: 'new', path: out }
}

async function isSymlink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink()
  } catch {
    return false
  }
}

async function assertFolder(folder: string, out: string): Promise<void> {
  try {
    await access(folder, constants.W_OK)
  } catch (error) {
    const reason =
      systemCode(error) === 'ENOENT'
        ? `there is no folder ${folder}: create it, or write elsewhere with --out`
        : systemReason(error)
    throw notWritten(out, reason, error)
  }
}

/** @throws {CliError} where something would be lost that is there already */
export function assertFree(place: ResultPlace): void {
  if (place.type === 'file' || (place.type === 'through' && place.kind === 'block-device'))
    throw exists(place.path)
}

/**
 * Writes a result. A file is replaced so that at any moment there is the old one or the whole new one, with its mode; what is
 * no file is written through.
 * @throws {CliError}
 */
export async function writeResult(
  place: Exclude<ResultPlace, { type: 'stdout' }>,
  bytes: Uint8Array,
  signal?: AbortSignal,
): Promise<void> {
  try {
    switch (place.type) {
      case 'new':
        return await writeNew(place.path, bytes)
      case 'file':
        return await replaceFile(place.path, place.stats, bytes)
      case 'through':
        return await (place.kind === 'fifo'
          ? writeFifo(place.path, bytes, signal)
          : writeThrough(place.path, bytes))
    }
  } catch (error) {
    if (error instanceof CliError || signal?.aborted === true) throw error
    throw notWritten(place.path, systemReason(error), error)
  }
}

/** A new file; one that another program has made meanwhile is kept. */
async function writeNew(path: string, bytes: Uint8Array): Promise<void> {
  await withTemporary(path, async (temporary, handle) => {
    await handle.writeFile(bytes)
    try {
      // Unlike a renaming, a second name never takes the place of a file.
      await link(temporary, path)
    } catch (error) {
      if (systemCode(error) === 'EEXIST') throw exists(path)
      // Not every file system knows second names.
      await rename(temporary, path)
    }
  })
}

async function replaceFile(path: string, { mode, uid, gid }: Stats, bytes: Uint8Array): Promise<void> {
  await withTemporary(path, async (temporary, handle) => {
    await handle.writeFile(bytes)
    // Only root may give files away; with another owner it is still the right file.
    if (uid !== process.getuid?.() || gid !== process.getgid?.()) await handle.chown(uid, gid).catch(() => {})
    await handle.chmod(mode & 0o7777)
    await handle.sync()
    await rename(temporary, path)
  })
}

async function withTemporary(
  path: string,
  write: (temporary: string, handle: FileHandle) => Promise<void>,
): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomBytes(4).toString('hex')}.tmp`)
  const handle = await open(temporary, 'wx')
  try {
    await write(temporary, handle)
  } finally {
    await handle.close()
    await rm(temporary, { force: true })
  }
}

async function writeThrough(path: string, bytes: Uint8Array): Promise<void> {
  await using handle = await open(path, constants.O_WRONLY | constants.O_CREAT)
  await handle.writeFile(bytes)
}

/**
 * Waits for a reader and writes to it. A thread that waits in the system for one could never be stopped, not even by leaving
 * the process.
 */
async function writeFifo(path: string, bytes: Uint8Array, signal?: AbortSignal): Promise<void> {
  const fd = await openFifo(path, signal)
  const socket = new Socket({
    fd,
    readable: false,
    writable: true,
    ...(signal === undefined ? {} : { signal }),
  })
  socket.end(bytes)
  await finished(socket, { readable: false })
}

async function openFifo(path: string, signal?: AbortSignal): Promise<number> {
  while (true) {
    try {
      return openSync(path, constants.O_WRONLY | constants.O_NONBLOCK)
    } catch (error) {
      // Its name is not known to anything yet.
      if (systemCode(error) !== 'ENXIO') throw error
      await delay(FIFO_RETRY_MS, undefined, signal === undefined ? {} : { signal })
    }
  }
}

function exists(path: string): CliError {
  return new CliError('exists', `${path}: it exists already`, { subject: path })
}

function notWritten(path: string, reason: string, cause?: unknown): CliError {
  return new CliError('not-written', `cannot write ${path}: ${reason}`, { subject: path }, { cause })
}
