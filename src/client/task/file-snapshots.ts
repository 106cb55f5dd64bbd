import type { Bitfield } from '../../base/bitfield.js'
import type { Priority } from '../../engine/pick/priorities.js'
import type { FileEntry } from '../../protocol/metainfo/metainfo.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import type { Content } from './content.js'

/** A file of a torrent at one moment. */
export interface FileSnapshot {
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

/**
 * The files of a torrent in its order; pads and symlinks are left out. Takes a step for each entry, and for each piece where some are
 * missing.
 * @param have the pieces that are verified; undefined until that is known
 */
export function fileSnapshots(
  { metainfo, selection, storage }: Content,
  have: Bitfield | undefined,
): FileSnapshot[] {
  const files: FileSnapshot[] = []
  for (let index = 0; index < metainfo.entries.length; index++) {
    const entry = metainfo.entries.at(index)
    if (entry?.type !== 'file') continue
    files.push({
      path: entry.path.join('/'),
      length: entry.length,
      verified: have && verifiedBytes(entry, storage.map, have),
      isSelected: selection.has(index),
      priority: selection.priorityOf(index),
    })
  }
  return files
}

function verifiedBytes(file: FileEntry, map: PieceMap, have: Bitfield): number {
  if (have.isFull) return file.length
  const pieces = map.piecesOf(file)
  if (pieces === undefined) return 0
  const end = file.offset + file.length
  let bytes = 0
  for (let piece = pieces.first; piece <= pieces.last; piece++) {
    if (!have.has(piece)) continue
    const start = piece * map.pieceLength
    bytes += Math.min(end, start + map.pieceLength) - Math.max(file.offset, start)
  }
  return bytes
}
