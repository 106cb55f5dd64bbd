import { WantedPieces } from '../../engine/pick/wanted-pieces.js'
import { DataError } from '../data-error.js'
import { DiskError, toDiskError } from '../disk/disk-error.js'
import { indexed } from '../disk/layout.js'
import type { Storage } from '../disk/storage.js'
import { makeFolders } from '../make-folders.js'
import { type ExistingDataOptions, findExisting } from './existing-data.js'

export interface PrepareOptions extends Omit<ExistingDataOptions, 'isForWriting' | 'storage'> {
  readonly storage: Storage
  readonly mode: 'get' | 'seed'
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
    if (!wanted.isDone || (await lacksFiles(options))) {
      await makeFolder(storage.dir)
      await storage.prepare(selection)
    }
  } else if (!wanted.isDone) {
    throw await incomplete(options, wanted)
  }
  return wanted
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
