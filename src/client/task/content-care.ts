import type { Bitfield } from '../../base/bitfield.js'
import type { Selection } from '../../engine/pick/selection.js'
import type { WantedPieces } from '../../engine/pick/wanted-pieces.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { PieceHashes } from '../../protocol/metainfo/piece-hashes.js'
import { type DiskError, isByOthers } from '../disk/disk-error.js'
import type { Storage } from '../disk/storage.js'
import type { ResumeKeeper } from '../resume/resume-keeper.js'
import { ChecksumVerifier } from './checksum-verifier.js'
import { ContentGuard } from './content-guard.js'
import { DiskWarnings } from './disk-warnings.js'
import type { AddOptions } from './task-host.js'
import type { TaskListener } from './task-listener.js'
import type { FileChecksum } from './torrent-events.js'

export interface CaredContent {
  readonly storage: Storage
  readonly metainfo: Metainfo
  readonly selection: Selection
  readonly hashes: PieceHashes
  readonly resume: ResumeKeeper
}

export interface ContentCareOptions {
  readonly options: AddOptions
  readonly signal: AbortSignal
  readonly listener: TaskListener
  /** As `ContentGuard.partlyHashed`, of an earlier one. */
  readonly partlyHashed: ReadonlySet<number>
}

/**
 * Sees to it that a content on the disk is what the torrent states: compares whole files with their checksums, hashes files again
 * that another program changed, and warns of what the disk refuses.
 */
export class ContentCare {
  readonly #content: CaredContent
  readonly #isFetching: boolean
  readonly #checksums: ChecksumVerifier
  readonly #guard: ContentGuard
  readonly #warnings: DiskWarnings

  constructor(content: CaredContent, { options, signal, listener, partlyHashed }: ContentCareOptions) {
    const { storage, metainfo, selection, hashes } = content
    this.#content = content
    this.#isFetching = options.mode === 'get'
    this.#checksums = new ChecksumVerifier(content, signal)
    this.#warnings = new DiskWarnings((code, message) => listener.onWarning(code, message))
    this.#guard = new ContentGuard({
      storage,
      metainfo,
      selection,
      hashes,
      checksums: this.#checksums,
      isTruncating: options.truncate ?? false,
      signal,
      listener,
      partlyHashed,
    })
  }

  /** True if each selected file was read as a whole in this session, and is right. */
  get isAllRead(): boolean {
    return this.#checksums.isAllRead
  }

  /** The stated checksums of the selected files. All of them were compared. */
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

  /** As `ContentGuard.partlyHashed`. */
  get partlyHashed(): ReadonlySet<number> {
    return this.#guard.partlyHashed
  }

  /** Waits until it does nothing in the background any more. */
  async idle(): Promise<void> {
    await this.#guard.idle()
  }

  onSecond(now: number, { have }: WantedPieces): void {
    this.#checksums.onSecond()
    this.#guard.onSecond(now, have)
  }

  /** As `ContentGuard.verifyWhole`; makes symlinks and executable bits before. */
  async verifyWhole(wanted: WantedPieces): Promise<'whole' | 'lost'> {
    const { storage, selection, resume } = this.#content
    await storage.finish(selection)
    if (await resume.wasWholeVerified()) this.#checksums.believe()
    return await this.#guard.verifyWhole(wanted)
  }

  /** Another program changed a file while a piece of it came: the file is hashed again soon. */
  spoiled(path: string): void {
    this.#warnings.spoiled(path)
    this.#guard.suspect()
  }

  /** Another program changed files: these pieces, which were verified, are wrong now. */
  lost(pieces: Bitfield, files: readonly number[]): void {
    const paths = files.map(entryIndex => this.#content.storage.pathOf(entryIndex))
    this.#warnings.lost(pieces.count, paths, this.#isFetching)
  }

  /** The disk refused to write something although all content was written before. */
  writeFailed(error: DiskError): void {
    this.#warnings.failed(error)
  }

  /** Blocks that a peer asked for could not be read. */
  readFailed(error: DiskError): void {
    if (isByOthers(error)) this.#guard.suspect()
    else this.#warnings.failed(error)
  }
}
