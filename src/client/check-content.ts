import { Bitfield } from '../base/bitfield.js'
import type { FileEntry, Metainfo } from '../protocol/metainfo/metainfo.js'
import { PieceHashes } from '../protocol/metainfo/piece-hashes.js'
import type { WorkOptions } from './create/draft-torrent.js'
import { DiskPool } from './disk/disk-pool.js'
import type { FileStamp } from './disk/layout.js'
import type { Storage } from './disk/storage.js'

export interface ContentReport {
  readonly pieceCount: number
  readonly badPieces: number
  /** In the order of the torrent. */
  readonly files: readonly FileReport[]
}

export type FileState = 'ok' | 'damaged' | 'missing' | 'too-short' | 'too-long'

export interface FileReport {
  /** Below `dir`, with `/` between components. */
  readonly path: string
  readonly state: FileState
  /** How many of the pieces with bytes of this file are bad. */
  readonly badPieces: number
}

/**
 * Compares what lies in `dir` with a torrent; changes nothing.
 * @throws {import('./disk/disk-error.js').DiskError} for a file that is there and can't be read
 */
export async function checkContent(
  metainfo: Metainfo,
  dir: string,
  options: WorkOptions,
): Promise<ContentReport> {
  await using pool = new DiskPool()
  await using storage = pool.openStorage(metainfo, { dir, mode: 'read' })
  const stamps = await storage.stat()
  const bad = await findBadPieces(metainfo, storage, options)
  const files = metainfo.entries.flatMap((entry, index): FileReport[] => {
    if (entry.type !== 'file') return []
    const badPieces = countBad(storage, entry, bad)
    return [
      {
        path: metainfo.isFolder ? [metainfo.name, ...entry.path].join('/') : metainfo.name,
        state: stateOf(entry, stamps[index], badPieces),
        badPieces,
      },
    ]
  })
  return { pieceCount: metainfo.pieceCount, badPieces: bad.count, files }
}

async function findBadPieces(metainfo: Metainfo, storage: Storage, options: WorkOptions): Promise<Bitfield> {
  const hashes = new PieceHashes(metainfo, metainfo.pieceLayers)
  const bad = Bitfield.full(metainfo.pieceCount)
  if (metainfo.pieceCount === 0) return bad
  let done = 0
  await storage.hashPieces(0, metainfo.pieceCount - 1, {
    signal: options.signal,
    onPiece: (piece, found) => {
      if (found.state !== 'missing' && hashes.matches(piece, found)) bad.delete(piece)
      done += storage.map.dataSize(piece)
      options.onProgress(Math.min(done, metainfo.size), metainfo.size)
    },
  })
  return bad
}

function countBad(storage: Storage, entry: FileEntry, bad: Bitfield): number {
  const pieces = storage.map.piecesOf(entry)
  let count = 0
  for (let piece = pieces?.first ?? 0; piece <= (pieces?.last ?? -1); piece++) if (bad.has(piece)) count++
  return count
}

function stateOf(entry: FileEntry, stamp: FileStamp | undefined, badPieces: number): FileState {
  if (stamp?.type !== 'file') return 'missing'
  if (stamp.size < entry.length) return 'too-short'
  if (stamp.size > entry.length) return 'too-long'
  return badPieces > 0 ? 'damaged' : 'ok'
}
