import { Bitfield } from '../../base/bitfield.js'
import { equalBytes } from '../../base/bytes.js'
import type { FileEntry, Metainfo } from '../../protocol/metainfo/metainfo.js'
import { DataError } from '../data-error.js'
import type { FileFollower } from '../disk/hashing/file-follower.js'
import { indexed } from '../disk/layout.js'
import type { Storage } from '../disk/storage.js'
import type { FileChecksum } from './torrent-events.js'

/** A file of which the torrent states the sum. */
interface StatedFile {
  readonly index: number
  readonly file: FileEntry
  readonly sha256: Uint8Array
}

/**
 * Compares each whole file with the flat SHA-256 that the torrent states, where it does: what was read back from the disk
 * with what the publisher had. `FileFollower` says what that finds of what other programs do to the files.
 */
export class ChecksumVerifier {
  readonly #storage: Storage
  readonly #metainfo: Metainfo
  readonly #signal: AbortSignal
  #follower: FileFollower | undefined

  constructor(storage: Storage, metainfo: Metainfo, signal: AbortSignal) {
    this.#storage = storage
    this.#metainfo = metainfo
    this.#signal = signal
  }

  /** Pieces will come: what is verified of the files is hashed meanwhile, as far as there is time for it. */
  follow(verified: Bitfield): void {
    const indices = this.#statedFiles().map(({ index }) => index)
    if (indices.length > 0) this.#follower = this.#storage.followFiles(indices, verified, this.#signal)
  }

  pieceVerified(piece: number): void {
    this.#follower?.pieceVerified(piece)
  }

  /** Others may have left the workers idle. */
  onSecond(): void {
    this.#follower?.goOn()
  }

  /**
   * All pieces are verified: so are the files now.
   * @param isVerified they were compared before, and the files are still the same
   * @throws {DiskError}
   * @throws {DataError} `checksum`: the pieces are right and the whole is not, so the publisher stated a wrong sum
   */
  async verify(isVerified: boolean): Promise<FileChecksum[]> {
    const files = this.#statedFiles()
    if (!isVerified && files.length > 0) await this.#compare(files)
    this.#follower = undefined
    return files.map(({ file, sha256 }) => ({ path: file.path.join('/'), sha256 }))
  }

  async #compare(files: readonly StatedFile[]): Promise<void> {
    if (this.#follower === undefined) this.follow(Bitfield.full(this.#metainfo.pieceCount))
    const sums = await this.#follower?.finish()
    for (const { index, sha256 } of files) {
      const sum = sums?.get(index)
      if (sum !== undefined && equalBytes(sum.sha256, sha256)) continue
      const where = this.#storage.pathOf(index)
      throw new DataError('checksum', `${where}: its SHA-256 is not the one that the torrent states`, {
        path: where,
      })
    }
  }

  #statedFiles(): StatedFile[] {
    const files: StatedFile[] = []
    for (const [index, file] of indexed(this.#metainfo.entries)) {
      const sha256 = file.type === 'file' ? file.sha256 : undefined
      if (file.type === 'file' && sha256 !== undefined) files.push({ index, file, sha256 })
    }
    return files
  }
}
