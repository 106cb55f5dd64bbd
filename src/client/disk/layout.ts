import { join } from 'node:path'
import type { ContentEntry, Info } from '../../protocol/metainfo/metainfo.js'

/** The parts of a torrent that a storage needs. */
export type StorageLayout = Pick<
  Info,
  'version' | 'name' | 'isFolder' | 'pieceLength' | 'pieceCount' | 'entries'
>

/** The place of the content, and whether it may be changed. */
export interface StorageOptions {
  /** Absolute path of the folder that holds the content: `<dir>/<name>` or `<dir>/<name>/<path...>`. */
  readonly dir: string
  /**
   * `write` creates and changes files, and follows no symlink below `dir`. `read` changes nothing and reads
   * through symlinks that a user may have put there.
   */
  readonly mode: 'read' | 'write'
}

/** Entries, or what there is of each of them, with their indices. */
export function* indexed<Item = ContentEntry>(
  entries: Iterable<Item>,
): Generator<[entryIndex: number, item: Item]> {
  let index = 0
  for (const entry of entries) yield [index++, entry]
}

/** The components below `dir` that lead to an entry. */
export function componentsOf(layout: StorageLayout, entry: ContentEntry): readonly string[] {
  return layout.isFolder ? [layout.name, ...entry.path] : [layout.name]
}

/**
 * Files of a storage are numbered as the entries are; the parts file, which holds bytes of files that are not selected, is
 * the one behind them.
 */
export function partsIndexOf({ entries }: Pick<StorageLayout, 'entries'>): number {
  return entries.length
}

/** Absolute path of an entry. */
export function pathOfEntry(layout: StorageLayout, options: StorageOptions, entryIndex: number): string {
  const entry = layout.entries.at(entryIndex)
  if (entry === undefined) throw new RangeError(`no entry ${entryIndex}`)
  return join(options.dir, ...componentsOf(layout, entry))
}

/**
 * Memory is handed out, hashed, written and read in chunks of a piece of this many bytes: large enough that a
 * message to a worker costs nothing beside the work on it, small enough to stay in a core's cache.
 */
export const CHUNK_LENGTH = 2 ** 18

/** The size of the memory for a chunk of `bytes` bytes. */
export function chunkMemory(bytes: number): number {
  let size = 2 ** 14
  while (size < bytes && size < CHUNK_LENGTH) size *= 2
  return size
}
