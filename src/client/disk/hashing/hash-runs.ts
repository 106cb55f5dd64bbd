import type { Bitfield } from '../../../base/bitfield.js'
import type { PieceMap } from '../../../protocol/metainfo/piece-map.js'
import type { StorageLinks } from '../links/storage-links.js'
import type { CheckedPiece } from '../messages.js'
import { FileFollower } from './file-follower.js'
import { FileSchedule } from './file-schedule.js'
import { HashRun, type HashRunOptions } from './hash-run.js'
import type { HashSchedule } from './hash-task.js'
import { PieceSchedule } from './piece-schedule.js'
import { isOnRotatingDisk } from './rotating-disk.js'

interface HashOptions {
  readonly signal?: AbortSignal | undefined
  /** Bytes hashed so far, and in all; those of a large file count twice where its flat hash is wanted as well. */
  readonly onProgress?: ((bytesDone: number, bytesTotal: number) => void) | undefined
}

export interface CheckOptions extends HashOptions {
  /** Pieces come roughly in order, each once. */
  onPiece(piece: number, found: CheckedPiece): void
  /** Asks for the flat SHA-256 of each file that has content and lies in the pieces as a whole. */
  readonly onChecksum?: ((entryIndex: number, sha256: Uint8Array) => void) | undefined
}

export interface ChecksumOptions extends HashOptions {}

/** Hashing of content that lies in the files, by all workers; never more at a time than they are busy with. */
export class HashRuns {
  readonly #map: PieceMap
  readonly #links: StorageLinks
  #lastHash = 0
  #readers: Promise<number> | undefined

  constructor(map: PieceMap, links: StorageLinks) {
    this.#map = map
    this.#links = links
  }

  /** Hashes the pieces from `first` to `last`, inclusive. */
  async hashPieces(first: number, last: number, options: CheckOptions): Promise<void> {
    const { layout } = this.#links.source
    const checksums = options.onChecksum !== undefined
    const schedule = new PieceSchedule(this.#map, layout, { first, last, checksums })
    await this.#performAll(schedule, this.#newRun(options), options)
  }

  /** Flat SHA-256 of files, in the order of `entryIndices`. */
  async hashFiles(entryIndices: readonly number[], options: ChecksumOptions): Promise<Uint8Array[]> {
    const found = new Map<number, Uint8Array>()
    const { signal } = options
    const run = this.#newRun({ signal, onChecksum: (entryIndex, sha256) => found.set(entryIndex, sha256) })
    const schedule = new FileSchedule(this.#map, this.#links.source.layout, entryIndices)
    await this.#performAll(schedule, run, options)
    return entryIndices.map(entryIndex => found.get(entryIndex) ?? new Uint8Array(0))
  }

  /** Begins with the flat SHA-256 of files of which not all pieces are `verified` yet. */
  followFiles(entryIndices: readonly number[], verified: Bitfield, signal: AbortSignal): FileFollower {
    const schedule = new FileSchedule(this.#map, this.#links.source.layout, entryIndices, verified)
    return new FileFollower(this.#links, schedule, signal, {
      newRun: options => this.#newRun(options),
      performAll: run => this.#performAll(schedule, run, {}),
    })
  }

  #newRun(options: HashRunOptions): HashRun {
    return new HashRun(this.#links, this.#map, () => ++this.#lastHash, options)
  }

  async #performAll(schedule: HashSchedule, run: HashRun, { onProgress }: HashOptions): Promise<void> {
    this.#readers ??= this.#countReaders()
    let bytesDone = 0
    await run.performAll(schedule, await this.#readers, bytes => {
      // Pads between files count as well: not worth a bar that goes past its end.
      bytesDone = Math.min(bytesDone + bytes, schedule.bytesTotal)
      onProgress?.(bytesDone, schedule.bytesTotal)
    })
  }

  /** The number of workers that read at a time: one for a disk that would lose its time seeking between them. */
  async #countReaders(): Promise<number> {
    const { count, source } = this.#links
    return (await isOnRotatingDisk(source.options.dir)) ? 1 : count
  }
}
