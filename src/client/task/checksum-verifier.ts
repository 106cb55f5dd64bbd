import { Bitfield } from '../../base/bitfield.js'
import { equalBytes } from '../../base/bytes.js'
import type { Selection } from '../../engine/pick/selection.js'
import type { FileEntry, Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { FileFollower } from '../disk/hashing/file-follower.js'
import { indexed } from '../disk/layout.js'
import type { Storage } from '../disk/storage.js'
import type { FileChecksum } from './torrent-events.js'

/** A selected file whose checksum the torrent states. */
interface StatedFile {
  readonly index: number
  readonly file: FileEntry
  readonly sha256: Uint8Array
}

export interface VerifiedContent {
  readonly storage: Storage
  readonly metainfo: Metainfo
  readonly selection: Selection
}

/**
 * Compares each whole file that is selected with the flat SHA-256 that the torrent states, where it does: what was read back from the disk
 * with what the publisher had.
 */
export class ChecksumVerifier {
  readonly #content: VerifiedContent
  readonly #signal: AbortSignal
  /** Entries whose sums were compared and are right. */
  readonly #right = new Set<number>()
  #isBelieved = false
  #follower: FileFollower | undefined

  constructor(content: VerifiedContent, signal: AbortSignal) {
    this.#content = content
    this.#signal = signal
  }

  /** True if each selected file was read as a whole in this session, and is right. */
  get isAllRead(): boolean {
    const { metainfo, selection } = this.#content
    for (const [index, { type, length }] of indexed(metainfo.entries)) {
      const isRead = (this.#right.has(index) && !this.#isBelieved) || !selection.has(index)
      if (type === 'file' && length > 0 && !isRead) return false
    }
    return true
  }

  /** The checksums that the torrent states. */
  get stated(): FileChecksum[] {
    return this.#statedFiles().map(({ file, sha256 }) => ({ path: file.path.join('/'), sha256 }))
  }

  /** Pieces will come: what is verified of the files is hashed meanwhile, as far as there is time for it. */
  follow(verified: Bitfield): void {
    const indices = this.#openFiles().map(({ index }) => index)
    this.#follower =
      indices.length > 0 ? this.#content.storage.followFiles(indices, verified, this.#signal) : undefined
  }

  pieceVerified(piece: number): void {
    this.#follower?.pieceVerified(piece)
  }

  /** Others may have left the workers idle. */
  onSecond(): void {
    this.#follower?.goOn()
  }

  /** All files were compared in an earlier session and are as they were then. */
  believe(): void {
    this.#isBelieved = true
    for (const { index } of this.#statedFiles()) this.#right.add(index)
  }

  /** Another program changed files: what was read of them no longer holds. */
  forget(entryIndices: Iterable<number>): void {
    for (const entryIndex of entryIndices) {
      this.#right.delete(entryIndex)
      this.#follower?.restart(entryIndex)
    }
  }

  /**
   * Once all pieces of the selected files are verified: compares the files that were not compared yet. Gives the entries whose sums are wrong.
   * @throws {DiskError}
   */
  async compare(): Promise<number[]> {
    const files = this.#openFiles()
    if (files.length === 0) return []
    if (this.#follower === undefined) this.follow(Bitfield.full(this.#content.metainfo.pieceCount))
    const sums = await this.#follower?.finish()
    this.#follower = undefined
    const wrong: number[] = []
    for (const { index, sha256 } of files) {
      const sum = sums?.get(index)
      if (sum !== undefined && equalBytes(sum, sha256)) this.#right.add(index)
      else wrong.push(index)
    }
    return wrong
  }

  #openFiles(): StatedFile[] {
    return this.#statedFiles().filter(({ index }) => !this.#right.has(index))
  }

  #statedFiles(): StatedFile[] {
    const { metainfo, selection } = this.#content
    const files: StatedFile[] = []
    for (const [index, file] of indexed(metainfo.entries)) {
      const sha256 = file.type === 'file' && selection.has(index) ? file.sha256 : undefined
      if (file.type === 'file' && sha256 !== undefined) files.push({ index, file, sha256 })
    }
    return files
  }
}
