import { join } from 'node:path'
import type { Bitfield } from '../../base/bitfield.js'
import type { Selection } from '../../engine/pick/selection.js'
import type { PieceDigests } from '../../protocol/metainfo/piece-hashes.js'
import { PieceMap } from '../../protocol/metainfo/piece-map.js'
import { type DiskError, isByOthers } from './disk-error.js'
import type { FileStamps } from './file-stamps.js'
import type { FileFollower } from './hashing/file-follower.js'
import { type CheckOptions, type ChecksumOptions, HashRuns } from './hashing/hash-runs.js'
import { KnownFiles } from './known-files.js'
import { partsIndexOf, pathOfEntry, type StorageLayout } from './layout.js'
import type { StorageLinks } from './links/storage-links.js'
import { fromFacts, type StorageAnswer } from './links/worker-link.js'
import type { HashedBytes, Obstacle } from './messages.js'
import { Intake } from './receiving/intake.js'
import type { ReceiveMemory } from './receiving/receive-memory.js'
import type { ReadCache } from './sending/read-cache.js'
import { Reader, type ReadLease } from './sending/reader.js'
import { obstaclesOf, stampsOf } from './stamps.js'
import { StorageParts } from './storage-parts.js'

/** The user of a storage. No method is called from within a method of the storage. */
export interface StorageListener {
  /** Blocks for which there was `NO_ROOM` may be tried again. */
  onRoom(): void
  /** All blocks of a piece are written, and these are its digests: right or not is for the listener to say. */
  onPieceHashed(piece: number, digests: PieceDigests, origin: HashedBytes): void
  /**
   * Another program truncated or removed a file while a piece was written to it: the received blocks of the piece are dropped and
   * have to be received again, which is not the fault of their senders.
   */
  onPieceSpoiled(piece: number, error: DiskError): void
  /** Content could not be written, or read back to be verified. */
  onWriteError(error: DiskError): void
  /** A verified piece could not be read for a peer, or `isByOthers`. */
  onReadError(error: DiskError, piece: number): void
  /** Something that was `loading` is there now, or failed: ask again. */
  onLoaded(): void
}

/**
 * The content of one torrent on the disk. The main thread only moves numbers about: hashing and files are the
 * business of the pool's workers.
 */
export class Storage implements AsyncDisposable {
  readonly map: PieceMap
  readonly #links: StorageLinks
  readonly #receiving: ReceiveMemory
  readonly #cache: ReadCache
  /** Made with the first block that comes, and with the first that is asked for: most torrents rest. */
  #intake: Intake | undefined
  #reader: Reader | undefined
  readonly #hashRuns: HashRuns
  readonly #onClosed: () => void
  #listener: StorageListener | undefined
  #closing: Promise<void> | undefined

  /** Use `DiskPool.openStorage`. */
  constructor(links: StorageLinks, receiving: ReceiveMemory, cache: ReadCache, onClosed: () => void) {
    const { layout } = links.source
    this.map = new PieceMap(layout)
    this.#links = links
    this.#receiving = receiving
    this.#cache = cache
    this.#onClosed = onClosed
    this.#hashRuns = new HashRuns(this.map, links)
  }

  /** Sets the one listener, which is needed to receive and to upload. */
  listen(listener: StorageListener): void {
    this.#listener = listener
  }

  /**
   * Offset into `DiskPool.receiveMemory` for the bytes of a block (at a multiple of 16 KiB), or `NO_ROOM`, or
   * `NOT_NEEDED`. A caller that gets an offset calls `placed` or `abandon` later, and does not touch the memory
   * after that.
   */
  place(piece: number, offset: number, length: number): number {
    return this.#openIntake().place(piece, offset, length)
  }

  /** All bytes of a block are in their place. */
  placed(piece: number, offset: number): void {
    this.#intake?.placed(piece, offset)
  }

  /** A block that had a place will not come to its end. */
  abandon(piece: number, offset: number): void {
    this.#intake?.abandon(piece, offset)
  }

  /** Forgets what was received of a piece (its hash was wrong), so that its blocks may be placed again. */
  discard(piece: number): void {
    this.#intake?.discard(piece)
  }

  /**
   * Whole blocks of a verified piece for upload, a message each: `count` of them from `block` on, in one chunk of the piece.
   * After `failed`, which is said once, asking again reads again.
   */
  leaseBlocks(piece: number, block: number, count: number): ReadLease | 'loading' | 'failed' {
    return this.#openReader().leaseBlocks(piece, block, count)
  }

  /** As `leaseBlocks`, but any range of at most 256 KiB, in one message. */
  leaseRange(piece: number, offset: number, length: number): ReadLease | 'loading' | 'failed' {
    return this.#openReader().leaseRange(piece, offset, length)
  }

  /** Begins to read what will soon be asked for, as far as there is room for it. */
  prefetch(piece: number, offset: number, length: number): void {
    this.#openReader().prefetch(piece, offset, length)
  }

  /**
   * Hashes the pieces from `first` to `last` (inclusive) as they lie in the files.
   * @throws {DiskError} for a file that is there and cannot be read; the signal's reason once aborted
   */
  async hashPieces(first: number, last: number, options: CheckOptions): Promise<void> {
    await this.#hashRuns.hashPieces(first, last, options)
  }

  /**
   * SHA-256 of each block of a piece that was received, 32 bytes each; undefined where a file is gone or too short by now.
   * @throws {DiskError}
   */
  async digestBlocks(piece: number): Promise<Uint8Array | undefined> {
    const task = { type: 'digest-blocks' as const, storage: this.#links.storage, piece }
    const { digests } = await this.#links.call(this.#links.leastBusy(), task, 'block-digests')
    return digests
  }

  /**
   * SHA-256 of whole files, as `sha256sum` prints it, in the order of `entryIndices`. Errors as for `hashPieces`, and
   * `changed` for a file that is too short.
   */
  async hashFiles(entryIndices: readonly number[], options: ChecksumOptions = {}): Promise<Uint8Array[]> {
    return await this.#hashRuns.hashFiles(entryIndices, options)
  }

  /**
   * Hashes files while they come: as far as the pieces are verified of which the follower is told. One at a time; it stops
   * with the signal.
   */
  followFiles(entryIndices: readonly number[], verified: Bitfield, signal: AbortSignal): FileFollower {
    return this.#hashRuns.followFiles(entryIndices, verified, signal)
  }

  /** The stamp of every entry's file, and of the parts file behind them. */
  async stat(): Promise<FileStamps> {
    return await stampsOf(this.#links)
  }

  /** Entries that a download would refuse to write, since something else is in their place. */
  async obstacles(): Promise<Obstacle[]> {
    return await obstaclesOf(this.#links)
  }

  /** Before the first piece: creates the folders of the selected entries, and empty files. */
  async prepare({ selected }: Pick<Selection, 'selected'>): Promise<void> {
    await this.#arrange('prepare', selected)
  }

  /** After the last piece: creates the selected symlinks, and sets the executable bits of selected files. */
  async finish({ selected }: Pick<Selection, 'selected'>): Promise<void> {
    await this.#arrange('finish', selected)
  }

  /** Waits until all blocks that were `placed` and make up whole chunks are written, and their pieces hashed. */
  async drain(): Promise<void> {
    await this.#links.callAll('drain')
  }

  /**
   * Closes the files and lets the workers forget them until they are needed again, so that a session of many torrents pays only for
   * the busy ones.
   */
  async rest(): Promise<void> {
    await this.#links.callAll('close')
  }

  /** Absolute path of the folder that holds the content. */
  get dir(): string {
    return this.#links.source.options.dir
  }

  /** `write` if the files may be changed. */
  get mode(): 'read' | 'write' {
    return this.#links.source.options.mode
  }

  /** Before the first work: the same content under the names that it has on the disk. */
  useNames(layout: StorageLayout): void {
    this.#links.useNames(layout)
  }

  /** Where bytes of files lie that are not selected. */
  get parts(): StorageParts {
    return new StorageParts(this.#links)
  }

  /** Absolute path of the file, or of the content's folder. */
  get contentPath(): string {
    const { layout, options } = this.#links.source
    return join(options.dir, layout.name)
  }

  /** Tells which files are unchanged since their bytes were last known. */
  get files(): KnownFiles {
    return new KnownFiles(this.#links)
  }

  /** Absolute path of an entry's file, or of the parts file. */
  pathOf(fileIndex: number): string {
    const { layout, options, parts } = this.#links.source
    if (parts !== undefined && fileIndex === partsIndexOf(layout)) return parts.path
    return pathOfEntry(layout, options, fileIndex)
  }

  /** Takes a worker's answer for this storage from the pool. */
  handle(answer: StorageAnswer): void {
    switch (answer.type) {
      case 'written':
        this.#intake?.written(answer.parts)
        break
      case 'hashed':
        if (this.#intake?.isHashed(answer.piece, answer.attempt)) {
          this.#listener?.onPieceHashed(answer.piece, answer.digests, answer.origin)
        }
        break
      case 'write-failed':
        if (this.#intake?.isFailed(answer.piece, answer.attempt)) {
          const error = fromFacts(answer.error)
          if (isByOthers(error)) this.#listener?.onPieceSpoiled(answer.piece, error)
          else this.#listener?.onWriteError(error)
        }
        break
      case 'close-failed':
        this.#listener?.onWriteError(fromFacts(answer.error))
        break
      case 'read':
        this.#reader?.ended(answer.segment, answer.error && fromFacts(answer.error))
    }
  }

  /** Waits for what is being written and closes the files. Half-received pieces are given up. */
  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #close(): Promise<void> {
    this.#intake?.close()
    this.#reader?.close()
    try {
      await this.#links.close()
    } finally {
      this.#onClosed()
    }
  }

  async #arrange(type: 'prepare' | 'finish', selected: Bitfield | undefined): Promise<void> {
    const { storage } = this.#links
    await this.#links.call(this.#links.leastBusy(), { type, storage, selected: selected?.bytes }, 'done')
  }

  #openIntake(): Intake {
    if (this.#intake !== undefined) return this.#intake
    this.#intake = new Intake(this.#links.storage, this.map, this.#receiving, {
      chooseWorker: () => this.#links.leastBusy(),
      post: (worker, request) => this.#links.post(worker, request),
      onRoom: () => this.#listener?.onRoom(),
      onPieceBegun: piece => this.#reader?.invalidate(piece),
    })
    if (this.#closing !== undefined) this.#intake.close()
    return this.#intake
  }

  #openReader(): Reader {
    if (this.#reader !== undefined) return this.#reader
    this.#reader = new Reader(this.#links.storage, this.map, this.#cache, {
      post: request => this.#links.post(this.#links.leastBusy(), request),
      onLoaded: () => this.#listener?.onLoaded(),
      onReadError: (error, piece) => this.#listener?.onReadError(error, piece),
    })
    if (this.#closing !== undefined) this.#reader.close()
    return this.#reader
  }
}
