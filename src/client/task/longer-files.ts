// Files that are longer than the torrent says.

import type { Bitfield } from '../../base/bitfield.js'
import type { FileEntry, Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import { DiskError } from '../disk/disk-error.js'
import type { FileStamps } from '../disk/file-stamps.js'
import type { KnownFiles } from '../disk/known-files.js'
import { indexed } from '../disk/layout.js'
import type { Storage } from '../disk/storage.js'

/** Entries whose files are longer than they should be. */
export function longerFiles(metainfo: Metainfo, stamps: FileStamps): number[] {
  const longer: number[] = []
  for (const [index, entry] of indexed(metainfo.entries)) {
    const stamp = stamps.at(index)
    if (entry.type === 'file' && stamp.type === 'file' && stamp.size > entry.length) longer.push(index)
  }
  return longer
}

/** The facts that decide whether files may be shortened. */
export interface CutOptions {
  readonly metainfo: Metainfo
  readonly map: PieceMap
  readonly storage: Pick<Storage, 'pathOf'> & { readonly files: Pick<KnownFiles, 'truncate'> }
  /** Pieces that are right. */
  readonly have: Bitfield
  /** True if an earlier session wrote or verified the content. */
  readonly isKnown: boolean
}

/**
 * Shortens files that are too long: all of them, or none if one is not the torrent's. A file is the torrent's if at least one of
 * its pieces is right, or, if it should be empty, if any other part of the torrent is here.
 * @throws {DiskError} `exists`: one is not the torrent's
 */
export async function cutFiles(options: CutOptions, longer: readonly number[]): Promise<void> {
  const [stranger] = foreignAmong(options, longer)
  if (stranger !== undefined) throw longerStranger(options.storage.pathOf(stranger))
  await options.storage.files.truncate(longer)
}

/** Those of the files that are too long which are not the torrent's. */
export function foreignAmong(
  { metainfo, map, have, isKnown }: Omit<CutOptions, 'storage'>,
  longer: readonly number[],
): number[] {
  const foreign: number[] = []
  for (const index of longer) {
    const entry = metainfo.entries.at(index)
    const isEmpty = entry?.length === 0
    const isOurs = isEmpty ? isKnown || !have.isEmpty : entry?.type === 'file' && hasPieceOf(map, entry, have)
    if (!isOurs) foreign.push(index)
  }
  return foreign
}

/** True if at least one piece of a file is among these. */
function hasPieceOf(map: PieceMap, file: FileEntry, pieces: Bitfield): boolean {
  const { first, last } = map.piecesOf(file) ?? { first: 0, last: -1 }
  for (let piece = first; piece <= last; piece++) if (pieces.has(piece)) return true
  return false
}

/** The error for a file that is longer than it should be, where nothing says that it may be cut. */
export function longerFile(path: string): DiskError {
  const message = `${path} is longer than in this torrent: --truncate cuts it if it is the torrent's, else move it away`
  return new DiskError('exists', message, { path })
}

function longerStranger(path: string): DiskError {
  const message = `${path} is longer than in this torrent, and nothing in it is the torrent's: move it away`
  return new DiskError('exists', message, { path })
}
