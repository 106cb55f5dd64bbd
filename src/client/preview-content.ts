import { statfs } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Bitfield } from '../base/bitfield.js'
import type { Steps } from '../base/steps.js'
import { Selection } from '../engine/pick/selection.js'
import { WantedPieces } from '../engine/pick/wanted-pieces.js'
import type { Info, Metainfo } from '../protocol/metainfo/metainfo.js'
import { PieceHashes } from '../protocol/metainfo/piece-hashes.js'
import type { WorkOptions } from './create/draft-torrent.js'
import { toDiskError } from './disk/disk-error.js'
import { DiskPool } from './disk/disk-pool.js'
import type { StorageLayout } from './disk/layout.js'
import { findDiskNames, NO_CHANGED_NAMES } from './disk/names/disk-names.js'
import { inTurns } from './in-turns.js'
import { nearestFolder } from './real-place.js'
import { loadResume, partsPath } from './resume/resume-file.js'
import { earlierState } from './resume/resume-keeper.js'
import { findExisting } from './task/existing-data.js'
import { type FileSnapshot, fileSnapshots } from './task/file-snapshots.js'

/** What a download would do. Sizes are in bytes. */
export interface ContentPreview {
  /** The path of the file or folder that would be made or completed. */
  readonly contentPath: string
  /** In the order of the torrent. */
  readonly files: readonly FileSnapshot[]
  /** Of the selected files. */
  readonly size: number
  /** Bytes of these that are there and verified. */
  readonly done: number
  /** Bytes that peers would have to send: whole pieces, including their parts of files that are not selected. */
  readonly missing: number
  /** What the selected files may still take of the disk. */
  readonly room: number
  /** What the disk has free for this user. */
  readonly free: number
}

export interface PreviewOptions extends WorkOptions {
  readonly selection?: ((info: Info) => Selection) | undefined
  /** Hash everything, whatever the saved state says. */
  readonly recheck: boolean
  /** Files that are too long would be cut, and are no error. */
  readonly truncate: boolean
}

/**
 * Finds out what a download of a torrent into `dir` would do, from the files in it. Files that the saved state does not know are hashed.
 * Writes nothing. Rejects with the signal's reason once aborted.
 * @throws {import('./disk/disk-error.js').DiskError} what the download would fail with: `exists`, as `findExisting`
 */
export async function previewContent(
  metainfo: Metainfo,
  dir: string,
  { selection: select, recheck, truncate, signal, onProgress }: PreviewOptions,
): Promise<ContentPreview> {
  const selection = select?.(metainfo) ?? Selection.all(metainfo)
  await using pool = new DiskPool()
  const loaded = await loadResume(metainfo, dir)
  const saved = loaded.type === 'found' ? loaded.state : undefined
  const place = { dir, mode: 'read' } as const
  const { layout } = await findDiskNames<StorageLayout>(
    metainfo,
    place,
    saved?.changedNames ?? NO_CHANGED_NAMES,
  )
  await using storage = pool.openStorage(layout, place)
  if (saved !== undefined) await storage.parts.use({ path: partsPath(metainfo, dir), extents: saved.parts })
  const { map, files } = storage
  let checked = 0
  const have = await findExisting({
    storage: {
      hashPieces: async (first, last, check) => await storage.hashPieces(first, last, check),
      pathOf: index => storage.pathOf(index),
      parts: storage.parts,
      files: { survey: async () => await files.survey(), truncate: async () => {} },
    },
    metainfo,
    selection,
    map,
    hashes: new PieceHashes(metainfo, metainfo.pieceLayers, map),
    earlier: saved && earlierState(saved),
    how: recheck ? 'recheck' : 'resume',
    isForWriting: true,
    truncate,
    signal,
    onChecked: piece => {
      checked += map.dataSize(piece)
      onProgress(Math.min(checked, metainfo.size), metainfo.size)
    },
    onBelieved: () => {},
  })
  const wanted = new WantedPieces(have, selection.piecePriorities(map))
  let missing = 0
  for (let piece = 0; piece < map.pieceCount; piece++) if (wanted.lacks(piece)) missing += map.dataSize(piece)
  const snapshots = await inTurns(allFiles({ metainfo, selection, storage }, have))
  let done = 0
  for (const { isSelected, verified = 0 } of snapshots) if (isSelected) done += verified
  const { size } = selection
  const free = await freeSpace(dir)
  return { contentPath: storage.contentPath, files: snapshots, size, done, missing, room: size - done, free }
}

function* allFiles(content: Parameters<typeof fileSnapshots>[0], have: Bitfield): Steps<FileSnapshot[]> {
  const all: FileSnapshot[] = []
  for (let offset: number | undefined = 0; offset !== undefined; ) {
    const page = fileSnapshots(content, have, { offset })
    for (const file of page.files) all.push(file)
    offset = page.next
    yield
  }
  return all
}

/** Bytes that the disk of a folder, which need not exist, has free for this user. */
async function freeSpace(dir: string): Promise<number> {
  const folder = await nearestFolder(resolve(dir))
  try {
    const { bavail, bsize } = await statfs(folder)
    return bavail * bsize
  } catch (error) {
    throw toDiskError(error, 'reading', folder)
  }
}
