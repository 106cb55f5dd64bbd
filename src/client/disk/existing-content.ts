import type { Bitfield } from '../../base/bitfield.js'
import { PieceMap } from '../../protocol/metainfo/piece-map.js'
import { DiskError } from './disk-error.js'
import { type FileStamp, pathOfEntry, type StorageLayout, type StorageOptions } from './layout.js'

/**
 * Whose file it is that lies where a torrent's file has to go: `foreign` means somebody else's, which is never
 * touched.
 */
export type ExistingFile = 'absent' | 'ours' | 'foreign'

/** What is known of the content that lies there. */
export interface ExistingContent {
  /** By entry index, from `Storage.stat`. */
  readonly stamps: readonly FileStamp[]
  /** Pieces that are right. */
  readonly verified: Bitfield
  /** Pieces of which a check found nothing but zeros. */
  readonly zeros: Bitfield
  /** Whether a resume state of this torrent and this folder says that the files are ours. */
  readonly isResumed: boolean
}

/**
 * Says for every entry whose file it is. A file is ours when it is empty, when one of its pieces is right,
 * when it is all zeros (a hole that was made for content), or when a resume state claims it; but never when
 * it is longer than the torrent says.
 */
export function classifyExisting(layout: StorageLayout, content: ExistingContent): ExistingFile[] {
  const map = new PieceMap(layout)
  return layout.entries.map((entry, index) => {
    const stamp = content.stamps[index]
    if (entry.type !== 'file' || stamp?.type !== 'file') return 'absent'
    if (stamp.size > entry.length) return 'foreign'
    const pieces = map.piecesOf(entry)
    if (stamp.size === 0 || pieces === undefined || content.isResumed) return 'ours'
    let isAllZeros = true
    for (let piece = pieces.first; piece <= pieces.last; piece++) {
      if (content.verified.has(piece)) return 'ours'
      isAllZeros &&= content.zeros.has(piece)
    }
    return isAllZeros ? 'ours' : 'foreign'
  })
}

/**
 * @throws {DiskError} `exists` for the first file that is somebody else's
 */
export function refuseForeign(
  layout: StorageLayout,
  options: StorageOptions,
  files: readonly ExistingFile[],
): void {
  const index = files.indexOf('foreign')
  if (index < 0) return
  const path = pathOfEntry(layout, options, index)
  const message = `Another file is there already: ${path}: move it away or choose another folder`
  throw new DiskError('exists', message, { path })
}
