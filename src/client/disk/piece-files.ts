import type { FileEntry } from '../../protocol/metainfo/metainfo.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import type { PartExtents } from './part-extents.js'

/** First and last piece, inclusive. */
export interface PieceSpan {
  readonly first: number
  readonly last: number
}

/** The bytes of a file in its first or last piece. */
export interface FileEdge {
  readonly piece: number
  /** From the beginning of the space of pieces. */
  readonly start: number
  readonly length: number
}

/** The bytes of a file in its first and its last piece: one edge where these are the same, none of an empty file. */
export function edgesOf(map: PieceMap, entry: FileEntry): FileEdge[] {
  const pieces = map.piecesOf(entry)
  if (pieces === undefined) return []
  const { first, last } = pieces
  const edges = first === last ? [first] : [first, last]
  return edges.map(piece => {
    const start = Math.max(entry.offset, piece * map.pieceLength)
    const end = Math.min(entry.offset + entry.length, (piece + 1) * map.pieceLength)
    return { piece, start, length: end - start }
  })
}

/** The pieces that have bytes in the file of an entry itself: all of its pieces, but for edges that lie in the parts file. */
export function ownPieces(map: PieceMap, parts: PartExtents, entry: FileEntry): PieceSpan | undefined {
  const pieces = map.piecesOf(entry)
  if (pieces === undefined || parts.isEmpty) return pieces
  let { first, last } = pieces
  for (const { piece, start, length } of edgesOf(map, entry)) {
    if (parts.place(start, length) === undefined) continue
    if (piece === first) first++
    else last--
  }
  return first <= last ? { first, last } : undefined
}

/** The pieces that have bytes in the parts file, in order, each once. */
export function* partsPieces(map: PieceMap, parts: PartExtents): Generator<number> {
  let before = -1
  for (const { start } of parts) {
    const piece = Math.floor(start / map.pieceLength)
    if (piece !== before) yield piece
    before = piece
  }
}
