import { Bitfield } from '../base/bitfield.js'
import { equalBytes } from '../base/bytes.js'
import type { Steps } from '../base/steps.js'
import { LayerBuilder } from '../protocol/metainfo/layer-builder.js'
import type { FileEntry, Metainfo } from '../protocol/metainfo/metainfo.js'
import { PieceHashes } from '../protocol/metainfo/piece-hashes.js'
import type { PieceMap } from '../protocol/metainfo/piece-map.js'
import { findRemedy, NO_REMEDY, type Remedy } from './check-remedy.js'
import type { WorkOptions } from './create/draft-torrent.js'
import { nodeDigests } from './digests.js'
import { DiskPool } from './disk/disk-pool.js'
import type { FileStamp } from './disk/file-stamp.js'
import type { FileStamps } from './disk/file-stamps.js'
import { indexed, type StorageLayout } from './disk/layout.js'
import type { Obstacle } from './disk/messages.js'
import { type ChangedNames, findDiskNames, NO_CHANGED_NAMES } from './disk/names/disk-names.js'
import type { Storage } from './disk/storage.js'
import { inTurns } from './in-turns.js'
import { loadResume, partsPath } from './resume/resume-file.js'
import { earlierState } from './resume/resume-keeper.js'

export interface ContentReport {
  /** The path of the file or folder. */
  readonly contentPath: string
  readonly pieceCount: number
  readonly badPieces: number
  /** In the order of the torrent. */
  readonly files: readonly FileReport[]
  /** By path from the torrent's name on, the names on the disk that differ from the torrent's. */
  readonly changedNames: ChangedNames
  /** The advice to repair the content, if it is damaged. */
  readonly remedy: Remedy
}

/**
 * `blocked`: something else is in the place of the file, or of a folder on the way to it. `not-selected`: it is not there as a whole, and
 * the download into this folder left it out.
 */
export type FileState = 'ok' | 'damaged' | 'missing' | 'too-short' | 'too-long' | 'blocked' | 'not-selected'

export interface FileReport {
  /** From the torrent's name on, with `/` between components, as the torrent names it. */
  readonly path: string
  readonly state: FileState
  /** The number of bad pieces that have bytes of this file. */
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
  const remembered = await loadResume(metainfo, dir)
  const { layout, changed } = await findDiskNames<StorageLayout>(
    metainfo,
    { dir, mode: 'read' },
    remembered.type === 'found' ? remembered.state.changedNames : NO_CHANGED_NAMES,
  )
  await using storage = pool.openStorage(layout, { dir, mode: 'read' })
  if (remembered.type === 'found')
    await storage.parts.use({ path: partsPath(metainfo, dir), extents: remembered.state.parts })
  const stamps = await storage.stat()
  const { bad, blank } = await findBadPieces(metainfo, storage, options)
  const selected = remembered.type === 'found' ? remembered.state.selected : undefined
  const files = await inTurns(judgedFiles(metainfo, storage.map, { stamps, bad, selected }))
  const cleared = await clearedByChecksum(files, storage, options.signal)
  const isWrong = files.some(({ state }) => !FINE.has(state))
  const obstacles = isWrong ? await storage.obstacles() : []
  const earlier = remembered.type === 'found' ? earlierState(remembered.state) : undefined
  return {
    contentPath: storage.contentPath,
    pieceCount: metainfo.pieceCount,
    badPieces: (await inTurns(neededOf(metainfo, storage.map, selected, bad))).count,
    files: await inTurns(reportsOf(metainfo, files, cleared, obstacles)),
    changedNames: changed,
    remedy: isWrong ? findRemedy({ metainfo, storage, stamps, bad, blank, obstacles, earlier }) : NO_REMEDY,
  }
}

function pathIn({ isFolder, name }: Metainfo, entry: FileEntry): string {
  return isFolder ? [name, ...entry.path].join('/') : name
}

/** Files that are judged in one step: some milliseconds, where there are a hundred thousand. */
const FILES_A_STEP = 1_000

/** States of files that are as the download was to leave them. */
const FINE: ReadonlySet<FileState> = new Set(['ok', 'not-selected'])

/** What was found in the folder, and what an earlier download was to bring there. */
interface FoundState {
  readonly stamps: FileStamps
  /** Pieces that are wrong. */
  readonly bad: Bitfield
  /** The entries that were selected; undefined: all of them. */
  readonly selected: Bitfield | undefined
}

/** Those of some pieces that selected files have a part of. */
function* neededOf(
  { entries }: Metainfo,
  map: PieceMap,
  selected: Bitfield | undefined,
  pieces: Bitfield,
): Steps<Bitfield> {
  if (selected === undefined) return pieces
  const needed = new Bitfield(pieces.length)
  for (const index of selected) {
    if (index % FILES_A_STEP === FILES_A_STEP - 1) yield
    const entry = entries.at(index)
    const span = entry?.type === 'file' ? map.piecesOf(entry) : undefined
    for (let piece = span?.first ?? 0; piece <= (span?.last ?? -1); piece++)
      if (pieces.has(piece)) needed.add(piece)
  }
  return needed
}

function* judgedFiles(
  { entries }: Metainfo,
  map: PieceMap,
  { stamps, bad, selected }: FoundState,
): Steps<CheckedFile[]> {
  const files: CheckedFile[] = []
  for (const [index, entry] of indexed(entries)) {
    if (index % FILES_A_STEP === FILES_A_STEP - 1) yield
    if (entry.type !== 'file') continue
    const badPieces = badPiecesOf(map, entry, bad)
    const state = stateOf(entry, stamps.at(index), badPieces)
    const isLeftOut = state !== 'ok' && selected?.has(index) === false
    files.push({ index, entry, badPieces, state: isLeftOut ? 'not-selected' : state })
  }
  return files
}

function* reportsOf(
  metainfo: Metainfo,
  files: readonly CheckedFile[],
  cleared: ReadonlySet<number>,
  obstacles: readonly Obstacle[],
): Steps<FileReport[]> {
  const blocked = new Set(obstacles.map(({ entryIndex }) => entryIndex))
  const reports: FileReport[] = []
  for (const { index, entry, state, badPieces } of files) {
    reports.push({
      path: pathIn(metainfo, entry),
      state: cleared.has(index) ? 'ok' : blocked.has(index) && !FINE.has(state) ? 'blocked' : state,
      badPieces: badPieces.length,
    })
    if (reports.length % FILES_A_STEP === 0) yield
  }
  return reports
}

/** A file and what its pieces say of it. */
interface CheckedFile {
  /** In `Metainfo.entries`. */
  readonly index: number
  readonly entry: FileEntry
  readonly badPieces: readonly number[]
  readonly state: FileState
}

interface FoundPieces {
  readonly bad: Bitfield
  /** Nothing but zeros, as where a download was begun. */
  readonly blank: Bitfield
}

async function findBadPieces(
  metainfo: Metainfo,
  storage: Storage,
  options: WorkOptions,
): Promise<FoundPieces> {
  const hashes = new PieceHashes(metainfo, metainfo.pieceLayers)
  const layers = new LayerBuilder(metainfo, hashes, nodeDigests)
  const bad = Bitfield.full(metainfo.pieceCount)
  const blank = new Bitfield(metainfo.pieceCount)
  if (metainfo.pieceCount === 0) return { bad, blank }
  const { map } = storage
  let done = 0
  await storage.hashPieces(0, metainfo.pieceCount - 1, {
    signal: options.signal,
    onPiece: (piece, found) => {
      if (!hashes.isKnown(piece)) layers.note(piece, found)
      else if (found.state !== 'missing' && hashes.matches(piece, found)) bad.delete(piece)
      if (found.state === 'zeros') blank.add(piece)
      done += map.dataSize(piece)
      options.onProgress(Math.min(done, metainfo.size), metainfo.size)
    },
  })
  for (const piece of await inTurns(layers.settle())) bad.delete(piece)
  return { bad, blank }
}

function badPiecesOf(map: PieceMap, entry: FileEntry, bad: Bitfield): number[] {
  const pieces = map.piecesOf(entry)
  const found: number[] = []
  for (let piece = pieces?.first ?? 0; piece <= (pieces?.last ?? -1); piece++) {
    if (bad.has(piece)) found.push(piece)
  }
  return found
}

function stateOf(entry: FileEntry, stamp: FileStamp, badPieces: readonly number[]): FileState {
  if (stamp.type !== 'file') return 'missing'
  if (stamp.size < entry.length) return 'too-short'
  if (stamp.size > entry.length) return 'too-long'
  return badPieces.length > 0 ? 'damaged' : 'ok'
}

/**
 * In a v1 torrent a piece may hold parts of several files, and is bad for the fault of one. Where the torrent states
 * the SHA-256 of a file, that clears it of the faults of its neighbours. Gives indices of entries.
 */
async function clearedByChecksum(
  files: readonly CheckedFile[],
  storage: Storage,
  signal: AbortSignal,
): Promise<ReadonlySet<number>> {
  const filesOf = (piece: number) => storage.map.slices(piece, 0, storage.map.pieceLength)
  const doubtful = files.flatMap(({ index, entry: { sha256 }, state, badPieces }) => {
    const isDoubtful = state === 'damaged' && badPieces.every(piece => filesOf(piece).length > 1)
    return isDoubtful && sha256 !== undefined ? [{ index, sha256, badPieces }] : []
  })
  const found = await storage.hashFiles(
    doubtful.map(({ index }) => index),
    { signal },
  )
  const whole = new Set<number>()
  for (const [at, { index, sha256 }] of doubtful.entries()) {
    const actual = found[at]
    if (actual !== undefined && equalBytes(actual, sha256)) whole.add(index)
  }
  // Where each file of a bad piece is whole, the fault is none of theirs, and no file is cleared of it.
  const isExplained = (piece: number) => filesOf(piece).some(({ entryIndex }) => !whole.has(entryIndex))
  const cleared = doubtful.filter(({ index, badPieces }) => whole.has(index) && badPieces.every(isExplained))
  return new Set(cleared.map(({ index }) => index))
}
