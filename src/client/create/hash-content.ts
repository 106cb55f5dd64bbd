import { basename, dirname } from 'node:path'
import { SHA1_LENGTH } from '../../protocol/digests.js'
import { HASH_LENGTH } from '../../protocol/merkle.js'
import type { ContentHashes } from '../../protocol/metainfo/build.js'
import type { Info } from '../../protocol/metainfo/metainfo.js'
import { nodeDigests } from '../digests.js'
import { DiskError } from '../disk/disk-error.js'
import type { DiskPool } from '../disk/disk-pool.js'
import type { FileStamp } from '../disk/file-stamp.js'
import { indexed } from '../disk/layout.js'
import type { Storage } from '../disk/storage.js'

export interface HashContentOptions {
  readonly pool: DiskPool
  /** True to compute the flat SHA-256 of each file, too. */
  readonly checksums: boolean
  readonly signal?: AbortSignal | undefined
  /** Bytes hashed so far, and in all; those of a large file count twice with `checksums`. */
  readonly onProgress?: (bytesDone: number, bytesTotal: number) => void
}

/** The content to be hashed, as planned for a torrent. */
export interface HashPlan
  extends Pick<Info, 'version' | 'isFolder' | 'pieceLength' | 'pieceCount' | 'entries'> {
  /** When the file of each entry was last changed, in ns since 1970. */
  readonly mtimesNs: ArrayLike<bigint>
}

/**
 * Hashes a file or a folder for a new torrent, with all workers of the pool.
 * @param root its absolute path; its name may differ from the torrent's
 * @throws {DiskError} `changed` if a file is not as planned, or changes meanwhile
 */
export async function hashContent(
  plan: HashPlan,
  root: string,
  options: HashContentOptions,
): Promise<ContentHashes> {
  const layout = { ...plan, name: basename(root) }
  await using storage = options.pool.openStorage(layout, { dir: dirname(root), mode: 'read' })
  const hashes = await hashAll(plan, storage, options)
  const stamps = await storage.stat()
  for (const [index, entry] of indexed(plan.entries)) {
    if (entry.type === 'file' && !isAsPlanned(entry.length, plan.mtimesNs[index], stamps.at(index)))
      throw changed(storage, index)
  }
  return hashes
}

async function hashAll(
  { version, pieceCount, entries }: HashPlan,
  storage: Storage,
  { checksums, signal, onProgress }: HashContentOptions,
): Promise<ContentHashes> {
  const { map } = storage
  const pieces = new Uint8Array(version === 'v2' ? 0 : pieceCount * SHA1_LENGTH)
  const pieceRoots = new Uint8Array(version === 'v1' ? 0 : pieceCount * HASH_LENGTH)
  const fileSha256 = new HashTable(checksums ? entries.length : 0)
  const onChecksum = (entryIndex: number, sha256: Uint8Array) => fileSha256.set(entryIndex, sha256)
  await storage.hashPieces(0, pieceCount - 1, {
    signal,
    onProgress,
    onPiece: (piece, { state, sha1, root }) => {
      if (state === 'missing')
        throw changed(storage, map.slices(piece, 0, map.pieceLength)[0]?.entryIndex ?? 0)
      if (sha1 !== undefined) pieces.set(sha1, piece * SHA1_LENGTH)
      if (root !== undefined) pieceRoots.set(root, piece * HASH_LENGTH)
    },
    ...(checksums && { onChecksum }),
  })
  const empty = nodeDigests.sha256(new Uint8Array(0))
  for (const [index, entry] of indexed(entries)) {
    if (checksums && entry.type === 'file' && entry.length === 0) fileSha256.set(index, empty)
  }
  return {
    ...(version !== 'v2' && { pieces }),
    ...(version !== 'v1' && { pieceRoots }),
    ...(checksums && { fileSha256 }),
  }
}

/** Hashes by index, in one piece of memory: as a map of arrays they would take several times as much. */
class HashTable {
  readonly #hashes: Uint8Array
  readonly #isThere: Uint8Array

  constructor(count: number) {
    this.#hashes = new Uint8Array(count * HASH_LENGTH)
    this.#isThere = new Uint8Array(count)
  }

  set(index: number, hash: Uint8Array): void {
    this.#hashes.set(hash, index * HASH_LENGTH)
    this.#isThere[index] = 1
  }

  get(index: number): Uint8Array | undefined {
    if (this.#isThere[index] !== 1) return undefined
    return this.#hashes.subarray(index * HASH_LENGTH, (index + 1) * HASH_LENGTH)
  }
}

function isAsPlanned(length: number, mtimeNs: bigint | undefined, stamp: FileStamp): boolean {
  return stamp.type === 'file' && stamp.size === length && stamp.mtimeNs === mtimeNs
}

function changed(storage: Storage, entryIndex: number): DiskError {
  const path = storage.pathOf(entryIndex)
  const message = `The file changed while it was being hashed: ${path}: wait until it is complete and start again`
  return new DiskError('changed', message, { path })
}
