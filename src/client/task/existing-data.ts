import { Bitfield } from '../../base/bitfield.js'
import type { Selection } from '../../engine/pick/selection.js'
import { LayerBuilder } from '../../protocol/metainfo/layer-builder.js'
import type { FileEntry, Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { PieceHashes } from '../../protocol/metainfo/piece-hashes.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import { nodeDigests } from '../digests.js'
import { DiskError } from '../disk/disk-error.js'
import type { FileStamp } from '../disk/file-stamp.js'
import type { FileStamps } from '../disk/file-stamps.js'
import type { KnownFiles } from '../disk/known-files.js'
import { indexed, partsIndexOf } from '../disk/layout.js'
import type { PieceState } from '../disk/messages.js'
import { ownPieces, partsPieces } from '../disk/piece-files.js'
import type { Storage } from '../disk/storage.js'
import type { StorageParts } from '../disk/storage-parts.js'
import { inTurns } from '../in-turns.js'
import { cutFiles, longerFile, longerFiles } from './longer-files.js'
import { runsOf } from './piece-runs.js'

/** The state of the files that an earlier session saved. */
export interface EarlierState {
  /** Pieces that were verified then. */
  readonly have: Bitfield
  /** Those that cannot have been lost since, where their files are unchanged. */
  readonly reliable: Bitfield
  /** True if a file, of an entry or the parts file, is unchanged since then. */
  isUnchanged(fileIndex: number, stamp: FileStamp): boolean
}

export interface ExistingDataOptions {
  readonly storage: Pick<Storage, 'hashPieces' | 'pathOf'> & {
    readonly files: Pick<KnownFiles, 'survey' | 'truncate'>
    readonly parts: Pick<StorageParts, 'extents'>
  }
  readonly metainfo: Metainfo
  /** The files that are going to be written. */
  readonly selection: Selection
  readonly map: PieceMap
  readonly hashes: PieceHashes
  readonly earlier: EarlierState | undefined
  /** `resume`: look only at what has changed; `recheck`: hash everything; `trust`: take files of the right size as they are. */
  readonly how: 'resume' | 'recheck' | 'trust'
  /** True if the files are going to be written to, so that none of them may be another program's. */
  readonly isForWriting: boolean
  /** Cut files that are longer than they should be and hold the torrent's own data; else they are an error. */
  readonly truncate: boolean
  readonly signal: AbortSignal
  /** A piece was hashed. */
  onChecked(piece: number): void
  /** Reports the number of pieces that were not hashed, since an earlier session verified them or the user vouches for them. */
  onBelieved(pieces: number): void
}

/**
 * Finds the pieces that are on the disk already. Files unchanged since an earlier session are believed, all others are hashed.
 * @throws {DiskError} `exists`: there is a file of that name that is not this torrent's, or longer than the torrent says
 */
export async function findExisting(options: ExistingDataOptions): Promise<Bitfield> {
  const { storage, metainfo, selection, map, hashes, earlier, how, signal } = options
  const stamps = await storage.files.survey()
  const longer = options.isForWriting
    ? longerFiles(metainfo, stamps).filter(entryIndex => selection.has(entryIndex))
    : []
  const [tooLong] = longer
  if (tooLong !== undefined && !options.truncate) throw longerFile(storage.pathOf(tooLong))
  const trusted = how === 'trust' ? trustedPieces(options, stamps) : undefined
  if (trusted !== undefined) {
    options.onBelieved(trusted.count)
    return trusted
  }

  const have = new Bitfield(map.pieceCount)
  const isKnown = (file: FileEntry, entryIndex: number) => {
    const stamp = stamps.at(entryIndex)
    if (how !== 'resume' || earlier?.isUnchanged(entryIndex, stamp) !== true) return false
    return !canGiveLayer(options, file, earlier.have)
  }
  const unknown = piecesToCheck(options, stamps, isKnown, have)
  options.onBelieved(have.count)
  const states: PieceState[] = []
  const layers = new LayerBuilder(metainfo, hashes, nodeDigests)
  for (const [first, last] of runsOf(unknown)) {
    await storage.hashPieces(first, last, {
      signal,
      onPiece: (piece, found) => {
        options.onChecked(piece)
        states.push(found.state)
        if (!hashes.isKnown(piece)) layers.note(piece, found)
        else if (found.state !== 'missing' && hashes.matches(piece, found)) have.add(piece)
      },
    })
  }
  for (const piece of await inTurns(layers.settle())) have.add(piece)
  const isOurs =
    earlier !== undefined || !have.isEmpty || (states.length > 0 && states.every(state => state === 'zeros'))
  if (options.isForWriting && !isOurs) refuseStrangers(options, stamps)
  if (longer.length > 0) await cutFiles({ ...options, have, isKnown: earlier !== undefined }, longer)
  // Pieces of nothing but padding hold nothing that could be fetched.
  for (let piece = 0; piece < map.pieceCount; piece++) if (map.blockCount(piece) === 0) have.add(piece)
  return have
}

/** Fills in what is known, and returns the pieces that have to be looked at: their files are all there, and not known. */
function piecesToCheck(
  { map, metainfo, earlier, how, storage }: ExistingDataOptions,
  stamps: FileStamps,
  isKnown: (file: FileEntry, entryIndex: number) => boolean,
  have: Bitfield,
): Bitfield {
  const { extents } = storage.parts
  const unknown = new Bitfield(map.pieceCount)
  const absent = new Bitfield(map.pieceCount)
  for (const [index, entry] of indexed(metainfo.entries)) {
    if (entry.type !== 'file') continue
    const pieces = ownPieces(map, extents, entry)
    if (pieces === undefined) continue
    const isAbsent = stamps.at(index).type !== 'file'
    if (!isAbsent && isKnown(entry, index)) continue
    const target = isAbsent ? absent : unknown
    for (let piece = pieces.first; piece <= pieces.last; piece++) target.add(piece)
  }
  const partsIndex = partsIndexOf(metainfo)
  const parts = stamps.at(partsIndex)
  if (parts.type !== 'file' || how !== 'resume' || earlier?.isUnchanged(partsIndex, parts) !== true) {
    const target = parts.type === 'file' ? unknown : absent
    for (const piece of partsPieces(map, extents)) target.add(piece)
  }
  // After a crash of the machine, an unchanged file may lack what was written to it last.
  for (const piece of earlier?.have ?? []) if (!earlier?.reliable.has(piece)) unknown.add(piece)
  for (const piece of absent) unknown.delete(piece)
  for (const piece of earlier?.have ?? []) if (!unknown.has(piece) && !absent.has(piece)) have.add(piece)
  return unknown
}

/** True for a complete file whose piece layer is missing: hashing it again gives the layer, which other peers may need. */
function canGiveLayer({ map, hashes }: ExistingDataOptions, file: FileEntry, have: Bitfield): boolean {
  const pieces = map.piecesOf(file)
  if (pieces === undefined || hashes.isKnown(pieces.first)) return false
  for (let piece = pieces.first; piece <= pieces.last; piece++) if (!have.has(piece)) return false
  return true
}

/** The pieces of files that have the right size; undefined where one of those that are selected has not. */
function trustedPieces(
  { metainfo, selection, map, storage }: ExistingDataOptions,
  stamps: FileStamps,
): Bitfield | undefined {
  const { extents } = storage.parts
  const trusted = Bitfield.full(map.pieceCount)
  for (const [index, entry] of indexed(metainfo.entries)) {
    const stamp = stamps.at(index)
    if (entry.type !== 'file' || (stamp.type === 'file' && stamp.size === entry.length)) continue
    if (selection.has(index)) return undefined
    const pieces = ownPieces(map, extents, entry)
    for (let piece = pieces?.first ?? 0; piece <= (pieces?.last ?? -1); piece++) trusted.delete(piece)
  }
  if (stamps.at(partsIndexOf(metainfo)).type !== 'file')
    for (const piece of partsPieces(map, extents)) trusted.delete(piece)
  return trusted
}

/** Nothing here is the torrent's: no file with content may be where one is going to be written. */
function refuseStrangers({ metainfo, selection, storage }: ExistingDataOptions, stamps: FileStamps): void {
  for (const [index, entry] of indexed(metainfo.entries)) {
    const stamp = stamps.at(index)
    if (entry.type !== 'file' || stamp.type !== 'file' || stamp.size === 0) continue
    if (selection.has(index)) throw stranger(storage.pathOf(index))
  }
}

function stranger(path: string): DiskError {
  return new DiskError(
    'exists',
    `${path} exists and is not of this torrent: move it away, or choose another folder with --dir`,
    { path },
  )
}
