import { Bitfield } from '../../base/bitfield.js'
import { LayerBuilder } from '../../protocol/metainfo/layer-builder.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { PieceHashes } from '../../protocol/metainfo/piece-hashes.js'
import { nodeDigests } from '../digests.js'
import { partsIndexOf } from '../disk/layout.js'
import { ownPieces, partsPieces } from '../disk/piece-files.js'
import type { Storage } from '../disk/storage.js'
import { inTurns } from '../in-turns.js'
import { runsOf } from './piece-runs.js'

export interface RecheckOptions {
  readonly storage: Storage
  readonly metainfo: Metainfo
  readonly hashes: PieceHashes
  readonly signal: AbortSignal
}

/** Pieces that were hashed again. */
export interface Rechecked {
  readonly good: Bitfield
  readonly bad: Bitfield
}

/**
 * Hashes the pieces of some files again, as far as they are in `have`: another program changed the files. Rejects with the
 * signal's reason once aborted.
 * @throws {DiskError}
 */
export async function recheckFiles(
  { storage, metainfo, hashes, signal }: RecheckOptions,
  fileIndices: readonly number[],
  have: Bitfield,
): Promise<Rechecked> {
  // Before anything is read: what is changed from now on makes them differ again.
  await storage.files.rebase(fileIndices)
  const pieces = new Bitfield(have.length)
  for (const fileIndex of fileIndices)
    for (const piece of piecesIn(storage, metainfo, fileIndex)) if (have.has(piece)) pieces.add(piece)
  const good = new Bitfield(have.length)
  const layers = new LayerBuilder(metainfo, hashes, nodeDigests)
  for (const [first, last] of runsOf(pieces)) {
    await storage.hashPieces(first, last, {
      signal,
      onPiece: (piece, found) => {
        if (!hashes.isKnown(piece)) layers.note(piece, found)
        else if (found.state !== 'missing' && hashes.matches(piece, found)) good.add(piece)
      },
    })
  }
  for (const piece of await inTurns(layers.settle())) good.add(piece)
  const bad = pieces.copy()
  // A piece of nothing but padding holds nothing that could be lost.
  for (const piece of pieces) if (good.has(piece) || storage.map.blockCount(piece) === 0) bad.delete(piece)
  return { good, bad }
}

/** The pieces that have bytes in a file: of an entry, or the parts file. */
function* piecesIn({ map, parts }: Storage, metainfo: Metainfo, fileIndex: number): Generator<number> {
  if (fileIndex === partsIndexOf(metainfo)) yield* partsPieces(map, parts.extents)
  const entry = metainfo.entries.at(fileIndex)
  const pieces = entry?.type === 'file' ? ownPieces(map, parts.extents, entry) : undefined
  for (let piece = pieces?.first ?? 0; piece <= (pieces?.last ?? -1); piece++) yield piece
}
