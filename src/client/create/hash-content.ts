import { SHA1_LENGTH } from '../../protocol/digests.js'
import { HASH_LENGTH } from '../../protocol/merkle.js'
import type { ContentHashes } from '../../protocol/metainfo/build.js'
import { DiskError } from '../disk/disk-error.js'
import type { DiskPool } from '../disk/disk-pool.js'
import type { FileStamp, StorageLayout } from '../disk/layout.js'
import type { Storage } from '../disk/storage.js'

export interface HashContentOptions {
  readonly pool: DiskPool
  /** Whether to give the flat SHA-256 of each file too. */
  readonly checksums: boolean
  readonly signal?: AbortSignal | undefined
  /** Bytes hashed so far, and in all; a large file counts twice where it has to be read twice. */
  readonly onProgress?: (bytesDone: number, bytesTotal: number) => void
}

/** What is to be hashed, as planned for a torrent. */
export type HashPlan = Pick<StorageLayout, 'version' | 'pieceLength' | 'pieceCount' | 'entries'>

/** Files longer than this never lie in one read, so that their flat hash is begun at once. */
const LARGE_FILE = 2 ** 20

/**
 * Hashes files for a new torrent, with all workers of the pool.
 * @throws {DiskError} `changed` where a file is not what it was planned to be, or changes on the way
 */
export async function hashContent(
  plan: HashPlan,
  diskPathOf: (entryIndex: number) => string,
  options: HashContentOptions,
): Promise<ContentHashes> {
  const diskPaths = plan.entries.map((entry, index) =>
    entry.type === 'file' ? diskPathOf(index) : undefined,
  )
  const layout = { ...plan, name: '', isFolder: false }
  await using storage = options.pool.openStorage(layout, { dir: '', mode: 'read', diskPaths })
  const before = await storage.stat()
  for (const [index, entry] of plan.entries.entries()) {
    if (entry.type === 'file' && !isFileOf(entry.length, before[index])) throw changed(storage, index)
  }
  const hashes = await new ContentHashing(plan, storage, options).run()
  const after = await storage.stat()
  for (const [index, stamp] of before.entries())
    if (!isSame(stamp, after[index])) throw changed(storage, index)
  return hashes
}

class ContentHashing {
  readonly #plan: HashPlan
  readonly #storage: Storage
  readonly #options: HashContentOptions
  readonly #files: readonly number[]
  readonly #large: readonly number[]
  readonly #bytesTotal: number
  #bytesDone = 0

  constructor(plan: HashPlan, storage: Storage, options: HashContentOptions) {
    this.#plan = plan
    this.#storage = storage
    this.#options = options
    this.#files = plan.entries.flatMap((entry, index) => (entry.type === 'file' ? [index] : []))
    this.#large = options.checksums ? this.#files.filter(index => this.#lengthOf(index) > LARGE_FILE) : []
    this.#bytesTotal = [...this.#files, ...this.#large].reduce((sum, index) => sum + this.#lengthOf(index), 0)
  }

  async run(): Promise<ContentHashes> {
    const { version, pieceCount } = this.#plan
    const pieces = new Uint8Array(pieceCount * SHA1_LENGTH)
    const pieceRoots = new Uint8Array(pieceCount * HASH_LENGTH)
    const fileSha256 = new Map<number, Uint8Array>()
    // A failure of one of the two closes the storage, and so ends the other.
    await Promise.all([
      this.#hashPieces(pieces, pieceRoots, fileSha256),
      this.#hashFiles(this.#large, fileSha256),
    ])
    // Those that happened to lie in one read have theirs by now.
    const missed = this.#options.checksums ? this.#files.filter(index => !fileSha256.has(index)) : []
    await this.#hashFiles(missed, fileSha256)
    return {
      ...(version !== 'v2' && { pieces }),
      ...(version !== 'v1' && { pieceRoots }),
      ...(this.#options.checksums && { fileSha256 }),
    }
  }

  async #hashPieces(
    pieces: Uint8Array,
    pieceRoots: Uint8Array,
    fileSha256: Map<number, Uint8Array>,
  ): Promise<void> {
    const { map } = this.#storage
    await this.#storage.hashPieces(0, this.#plan.pieceCount - 1, {
      signal: this.#options.signal,
      onPiece: (piece, { state, sha1, root }) => {
        const [slice] = map.slices(piece, 0, map.pieceLength)
        if (state === 'missing') throw changed(this.#storage, slice?.entryIndex ?? 0)
        if (sha1 !== undefined) pieces.set(sha1, piece * SHA1_LENGTH)
        if (root !== undefined) pieceRoots.set(root, piece * HASH_LENGTH)
        this.#advance(map.dataSize(piece))
      },
      ...(this.#options.checksums && {
        onChecksum: (entryIndex: number, sha256: Uint8Array) => fileSha256.set(entryIndex, sha256),
      }),
    })
  }

  async #hashFiles(indices: readonly number[], fileSha256: Map<number, Uint8Array>): Promise<void> {
    const sha256s = await this.#storage.hashFiles(indices, {
      signal: this.#options.signal,
      onProgress: bytes => this.#advance(bytes),
    })
    for (const [at, sha256] of sha256s.entries()) fileSha256.set(indices[at] ?? 0, sha256)
  }

  #advance(bytes: number): void {
    // The few small files that are read again, and pads, are not worth a bar that goes past its end.
    this.#bytesDone = Math.min(this.#bytesDone + bytes, this.#bytesTotal)
    this.#options.onProgress?.(this.#bytesDone, this.#bytesTotal)
  }

  #lengthOf(entryIndex: number): number {
    return this.#plan.entries[entryIndex]?.length ?? 0
  }
}

function isFileOf(length: number, stamp: FileStamp | undefined): boolean {
  return stamp?.type === 'file' && stamp.size === length
}

function isSame(before: FileStamp, after: FileStamp | undefined): boolean {
  if (before.type === 'missing') return after?.type === 'missing'
  return isFileOf(before.size, after) && after?.type === 'file' && after.mtimeMs === before.mtimeMs
}

function changed(storage: Storage, entryIndex: number): DiskError {
  const path = storage.pathOf(entryIndex)
  const message = `The file changed while it was being hashed: ${path}: wait until it is complete and start again`
  return new DiskError('changed', message, { path })
}
