import type { ContentEntry } from '../../protocol/metainfo/metainfo.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'

/** How much a piece or a file is wanted, as other clients count: 0 not at all, 1 last, 4 as all others, 7 first. */
export type Priority = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7

export const NOT_WANTED: Priority = 0
export const NORMAL: Priority = 4

/**
 * The priority of each piece: that of the most wanted file in it, since pieces at the border of two files are needed for
 * both.
 * @param ofFile by index into `entries`; what is no file is not asked about
 */
export function piecePriorities(
  map: PieceMap,
  entries: readonly ContentEntry[],
  ofFile: (entryIndex: number) => Priority,
): Uint8Array {
  const priorities = new Uint8Array(map.pieceCount)
  for (const [index, entry] of entries.entries()) {
    const pieces = entry.type === 'file' ? map.piecesOf(entry) : undefined
    if (pieces === undefined) continue
    const priority = ofFile(index)
    for (let piece = pieces.first; piece <= pieces.last; piece++) {
      priorities[piece] = Math.max(priorities[piece] ?? 0, priority)
    }
  }
  return priorities
}
