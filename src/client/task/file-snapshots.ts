import type { Bitfield } from '../../base/bitfield.js'
import type { Priority } from '../../engine/pick/priorities.js'
import type { FileEntry } from '../../protocol/metainfo/metainfo.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import type { Storage } from '../disk/storage.js'
import { checkOptions } from '../option-error.js'
import type { Content } from './content.js'

/** A file of a torrent at one moment. */
export interface FileSnapshot {
  /** Its number among all entries of the torrent, from 0, as BEP 53 counts. */
  readonly index: number
  /** As the torrent names it: below the content's folder, with `/` between components. */
  readonly path: string
  /** Bytes. */
  readonly length: number
  /** Bytes of the file in verified pieces; undefined until the content on the disk was checked. */
  readonly verified: number | undefined
  readonly isSelected: boolean
  /** 0 where it is not selected. */
  readonly priority: Priority
}

/** What a snapshot is taken of. */
type SnapshotContent = Pick<Content, 'metainfo' | 'selection'> & {
  readonly storage: Pick<Storage, 'map'>
}

/** The part of a torrent's entries that is looked at in one call. */
export interface PageRange {
  /** The entry to begin with; default 0. */
  readonly offset?: number
  /** Entries, at most 10,000; default 1,000. */
  readonly limit?: number
}

/** The files among some entries of a torrent, in its order; pads and symlinks are left out. */
export interface FilePage {
  readonly files: readonly FileSnapshot[]
  /** The `offset` of the page that follows; undefined where this is the last one. */
  readonly next: number | undefined
}

const DEFAULT_LIMIT = 1_000
const MAX_LIMIT = 10_000

export const NO_FILES: FilePage = { files: [], next: undefined }

/** @throws {import('../option-error.js').OptionError} */
export function checkPageRange({ offset = 0, limit = DEFAULT_LIMIT }: PageRange): void {
  const isLimit = Number.isInteger(limit) && limit >= 1 && limit <= MAX_LIMIT
  checkOptions([
    ['offset', Number.isSafeInteger(offset) && offset >= 0, 'a whole number from 0 on'],
    ['limit', isLimit, `a whole number from 1 to ${MAX_LIMIT}`],
  ])
}

/**
 * Takes a step for each entry, and for every 32 pieces of the files where some pieces are missing.
 * @param have the pieces that are verified; undefined until that is known
 */
export function fileSnapshots(
  { metainfo, selection, storage }: SnapshotContent,
  have: Bitfield | undefined,
  { offset = 0, limit = DEFAULT_LIMIT }: PageRange,
): FilePage {
  const files: FileSnapshot[] = []
  const { entries } = metainfo
  const end = Math.min(offset + limit, entries.length)
  for (let index = offset; index < end; index++) {
    const entry = entries.at(index)
    if (entry?.type !== 'file') continue
    files.push({
      index,
      path: entry.path.join('/'),
      length: entry.length,
      verified: have && verifiedBytes(entry, storage.map, have),
      isSelected: selection.has(index),
      priority: selection.priorityOf(index),
    })
  }
  return { files, next: end < entries.length ? end : undefined }
}

function verifiedBytes(file: FileEntry, map: PieceMap, have: Bitfield): number {
  if (have.isFull) return file.length
  const pieces = map.piecesOf(file)
  if (pieces === undefined) return 0
  const { pieceLength } = map
  const { first, last } = pieces
  // Of the first and the last piece other files may have a part.
  const before = have.has(first) ? file.offset - first * pieceLength : 0
  const behind = have.has(last) ? (last + 1) * pieceLength - (file.offset + file.length) : 0
  return have.countIn(first, last + 1) * pieceLength - before - behind
}
