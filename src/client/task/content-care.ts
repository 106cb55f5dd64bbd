import type { Bitfield } from '../../base/bitfield.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { PieceHashes } from '../../protocol/metainfo/piece-hashes.js'
import { type DiskError, fullDisk, isByOthers } from '../disk/disk-error.js'
import type { Storage } from '../disk/storage.js'
import type { ResumeKeeper } from '../resume/resume-keeper.js'
import { ChecksumVerifier } from './checksum-verifier.js'
import { ContentGuard } from './content-guard.js'
import { DiskWarnings } from './disk-warnings.js'
import type { Rechecked } from './recheck.js'
import type { Running } from './running.js'
import type { AddOptions } from './task-host.js'
import type { FileChecksum, TorrentState } from './torrent-events.js'

export interface ContentCareParts {
  readonly storage: Storage
  readonly metainfo: Metainfo
  readonly hashes: PieceHashes
  readonly resume: ResumeKeeper
  readonly options: AddOptions
  readonly signal: AbortSignal
}

export interface ContentCareOwner {
  state(): TorrentState
  running(): Running | undefined
  /** Bytes of content that are missing. */
  left(): number
  /** Pieces are no longer here. */
  lost(pieces: Bitfield): void
  /** A torrent that was complete has pieces to fetch. */
  downloadAgain(running: Running): void
  fail(error: unknown): void
  warn(code: string, message: string): void
}

/**
 * What becomes of a torrent's content on the disk: whether it is what the torrent states, what other programs do to it, and
 * what the disk refuses. A write that fails ends the torrent; a read for a peer that fails is a warning.
 */
export class ContentCare {
  readonly #parts: ContentCareParts
  readonly #owner: ContentCareOwner
  readonly #checksums: ChecksumVerifier
  readonly #guard: ContentGuard
  readonly #warnings: DiskWarnings

  constructor(parts: ContentCareParts, owner: ContentCareOwner) {
    const { storage, metainfo, hashes, options, signal } = parts
    this.#parts = parts
    this.#owner = owner
    this.#checksums = new ChecksumVerifier(storage, metainfo, signal)
    this.#warnings = new DiskWarnings((code, message) => owner.warn(code, message))
    this.#guard = new ContentGuard({
      storage,
      metainfo,
      hashes,
      checksums: this.#checksums,
      isTruncating: options.truncate ?? false,
      signal,
      onRechecked: (found, files) => this.#rechecked(found, files),
      onFailed: error => owner.fail(error),
    })
  }

  /** Whether each file was read as a whole in this session, and is right. */
  get isAllRead(): boolean {
    return this.#checksums.isAllRead
  }

  /** What the torrent states of its files, all of which were compared. */
  get checksums(): FileChecksum[] {
    return this.#checksums.stated
  }

  /** Pieces will come. */
  follow(have: Bitfield): void {
    this.#checksums.follow(have)
  }

  pieceVerified(piece: number): void {
    this.#checksums.pieceVerified(piece)
  }

  onSecond(now: number, have: Bitfield): void {
    this.#checksums.onSecond()
    this.#guard.onSecond(now, have)
  }

  /** As `ContentGuard.verifyWhole`. */
  async verifyWhole(have: Bitfield): Promise<'whole' | 'lost'> {
    const { storage, resume } = this.#parts
    await storage.finish()
    if (await resume.wasWholeVerified()) this.#checksums.believe()
    return await this.#guard.verifyWhole(have)
  }

  /** A piece is wrong, but was read back from files that another program changed. */
  wronglyHashed(piece: number): void {
    const { storage } = this.#parts
    const [slice] = storage.map.slices(piece, 0, storage.map.pieceLength)
    storage.discard(piece)
    this.spoiled(piece, storage.pathOf(slice?.entryIndex ?? 0))
  }

  /** Another program changed a file while a piece came: it is fetched again, and no peer is to blame. */
  spoiled(piece: number, path: string): void {
    this.#warnings.spoiled(path)
    this.#owner.running()?.swarm.torrent.downloader.pieceSpoiled(piece)
    this.#guard.suspect()
  }

  /** The torrent cannot go on, unless everything was written already. */
  writeFailed(error: DiskError): void {
    const state = this.#owner.state()
    if (state === 'seeding') this.#warnings.failed(error)
    else if (state !== 'error')
      this.#owner.fail(error.code === 'full' ? fullDisk(error, this.#owner.left()) : error)
  }

  /** Only what a peer asked for could not be read: its request is rejected. */
  readFailed(error: DiskError): void {
    if (this.#owner.state() === 'error') return
    if (isByOthers(error)) this.#guard.suspect()
    else this.#warnings.failed(error)
  }

  #rechecked({ good, bad }: Rechecked, files: readonly number[]): void {
    const { storage, options } = this.#parts
    const running = this.#owner.running()
    if (running === undefined) return
    const isFetching = options.mode === 'get'
    if (bad.isEmpty) {
      running.swarm.awakeTorrent?.rechecked({ good, bad, isFetching })
      return
    }
    const paths = files.map(entryIndex => storage.pathOf(entryIndex))
    this.#warnings.lost(bad.count, paths, isFetching)
    this.#owner.lost(bad)
    running.swarm.torrent.rechecked({ good, bad, isFetching })
    if (isFetching && this.#owner.state() === 'seeding') this.#owner.downloadAgain(running)
  }
}
