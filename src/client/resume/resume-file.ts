import { createHash } from 'node:crypto'
import { type FileHandle, open, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { toHex, toUtf8 } from '../../base/bytes.js'
import { systemCode } from '../../base/errors.js'
import { readBytes } from '../../base/read-bytes.js'
import { METAINFO_LIMITS } from '../../protocol/bencode/limits.js'
import type { Info } from '../../protocol/metainfo/metainfo.js'
import { toDiskError } from '../disk/disk-error.js'
import { inTurns } from '../in-turns.js'
import { decodeResume, encodeResume, type ResumeState } from './resume-state.js'
import { writeState } from './state-file.js'
import { stateFolder } from './state-folder.js'

export type LoadedResume =
  | { readonly type: 'found'; readonly state: ResumeState }
  | { readonly type: 'none' }
  /** There is a resume file, but it cannot be used. */
  | { readonly type: 'ignored'; readonly reason: string }

/** The path of the state of a torrent whose content lies in `dir`. */
export function resumePath(info: Info, dir: string, folder: string = stateFolder()): string {
  return `${statePath(info, dir, folder)}.resume`
}

/** The path of its parts file, which lies beside the state. */
export function partsPath(info: Info, dir: string): string {
  return `${statePath(info, dir, stateFolder())}.parts`
}

function statePath(info: Info, dir: string, folder: string): string {
  const infoHash = toHex(info.infoHashV2 ?? info.infoHashV1 ?? new Uint8Array(0))
  const place = createHash('sha256')
    .update(toUtf8(resolve(dir)))
    .digest('hex')
    .slice(0, 16)
  return join(folder, 'resume', `${infoHash}-${place}`)
}

/**
 * Loads the state of a torrent whose content lies in `dir`. A damaged resume file is no error, since the files can be hashed again.
 */
export async function loadResume(info: Info, dir: string, folder?: string): Promise<LoadedResume> {
  const path = resumePath(info, dir, folder)
  let handle: FileHandle | undefined
  try {
    handle = await open(path, 'r')
    const { size } = await handle.stat()
    if (size > METAINFO_LIMITS.bytes) return { type: 'ignored', reason: `${path}: it is too large` }
    const state = decodeResume(await readBytes(handle, size), info)
    return typeof state === 'string'
      ? { type: 'ignored', reason: `${path}: ${state}` }
      : { type: 'found', state }
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return { type: 'none' }
    if (systemCode(error) === '') throw error
    return { type: 'ignored', reason: toDiskError(error, 'reading', path).message }
  } finally {
    await handle?.close()
  }
}

/**
 * Keeps a state: whole or not at all, whenever the machine stops.
 * @throws {import('../disk/disk-error.js').DiskError}
 */
export async function saveResume(
  info: Info,
  dir: string,
  state: ResumeState,
  folder?: string,
): Promise<void> {
  await writeState(resumePath(info, dir, folder), await inTurns(encodeResume(state)))
}

/**
 * Removes a parts file that holds nothing of use any more.
 * @throws {import('../disk/disk-error.js').DiskError}
 */
export async function removeParts(info: Info, dir: string): Promise<void> {
  const path = partsPath(info, dir)
  try {
    await rm(path, { force: true })
  } catch (error) {
    throw toDiskError(error, 'writing', path)
  }
}
