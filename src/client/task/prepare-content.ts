import { NOT_WANTED } from '../../engine/pick/priorities.js'
import { WantedPieces } from '../../engine/pick/wanted-pieces.js'
import { DataError } from '../data-error.js'
import { DiskError, toDiskError } from '../disk/disk-error.js'
import { indexed } from '../disk/layout.js'
import { ownPieces, partsPieces } from '../disk/piece-files.js'
import type { Storage } from '../disk/storage.js'
import { makeFolders } from '../make-folders.js'
import { type ExistingDataOptions, findExisting } from './existing-data.js'
import { planParts } from './plan-parts.js'

export interface PrepareOptions extends Omit<ExistingDataOptions, 'isForWriting' | 'storage'> {
  readonly storage: Storage
  readonly mode: 'get' | 'seed'
  /** Absolute path of the parts file. */
  readonly partsPath: () => string
  /** The bytes of a piece lie in other files than before. */
  onMoved(piece: number): void
}

/**
 * Finds out which pieces are wanted and which are on the disk, and prepares the files of the others. Rejects with the signal's reason
 * once aborted.
 * @throws {DiskError}
 * @throws {DataError} `incomplete`: it was to be seeded, and something is missing or wrong
 */
export async function prepareContent(options: PrepareOptions): Promise<WantedPieces> {
  const { storage, selection, map, mode, signal } = options
  const have = await findExisting({ ...options, isForWriting: mode === 'get' })
  signal.throwIfAborted()
  const wanted = new WantedPieces(have, selection.piecePriorities(map))
  if (mode === 'get') {
    await arrangeParts(options, wanted)
    if (!wanted.isDone || (await lacksFiles(options))) {
      await makeFolder(storage.dir)
      await storage.prepare(selection)
    }
  } else {
    await excuseNeighbours(options, wanted)
    if (!wanted.isDone) throw await incomplete(options, wanted)
  }
  return wanted
}

/** Brings the parts file in line with the selection: bytes of files that are selected by now are copied into these. */
async function arrangeParts(options: PrepareOptions, wanted: WantedPieces): Promise<void> {
  const { storage, metainfo, map, selection, signal } = options
  const { extents } = storage.parts
  if (selection.selected === undefined && extents.isEmpty) return
  const stamps = await storage.files.stamps()
  const plan = planParts({ metainfo, map, selection, wanted, stamps, extents })
  if (!plan.taken.isEmpty) {
    await makeFolder(storage.dir)
    await storage.parts.take(plan.taken, signal)
    for (const piece of partsPieces(map, plan.taken)) options.onMoved(piece)
  }
  if (!plan.extents.equals(extents))
    await storage.parts.use({ path: options.partsPath(), extents: plan.extents })
}

/**
 * Where some files are seeded, and no state of a download is there: pieces that they share with files that are not there cannot be
 * verified, and are not offered.
 */
async function excuseNeighbours(options: PrepareOptions, wanted: WantedPieces): Promise<void> {
  const { storage, metainfo, map, selection } = options
  if (selection.selected === undefined || wanted.isDone) return
  const stamps = await storage.files.stamps()
  for (const [index, entry] of indexed(metainfo.entries)) {
    if (entry.type !== 'file' || selection.has(index)) continue
    const stamp = stamps.at(index)
    if (stamp.type === 'file' && stamp.size >= entry.length) continue
    const pieces = ownPieces(map, storage.parts.extents, entry)
    for (let piece = pieces?.first ?? 0; piece <= (pieces?.last ?? -1); piece++)
      if (wanted.lacks(piece)) wanted.setPriority(piece, NOT_WANTED)
  }
}

/** Empty files have no piece that could be missing. */
async function lacksFiles({ storage, metainfo, selection }: PrepareOptions): Promise<boolean> {
  const stamps = await storage.stat()
  for (const [index, { type }] of indexed(metainfo.entries)) {
    if (type === 'file' && selection.has(index) && stamps.at(index).type === 'missing') return true
  }
  return false
}

async function incomplete({ storage }: PrepareOptions, wanted: WantedPieces): Promise<DiskError | DataError> {
  const { contentPath } = storage
  const stamps = await storage.stat()
  if ([...stamps].every(({ type }) => type === 'missing')) {
    const message = `${contentPath}: no such file or folder: say with --dir where the content lies`
    return new DiskError('not-found', message, { path: contentPath })
  }
  const badPieces = wanted.lackingCount
  const message = `${contentPath}: ${badPieces} of ${wanted.have.length} pieces are missing or wrong: \`torrent check\` says how to repair them`
  return new DataError('incomplete', message, { path: contentPath, badPieces })
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await makeFolders(folder)
  } catch (error) {
    throw toDiskError(error, 'creating', folder)
  }
}
