import { unreachable } from '../../../base/errors.js'
import type { PieceDigests } from '../../../protocol/metainfo/piece-hashes.js'
import { tooShort } from '../disk-error.js'
import type { ReadRequest, TaskResult, WorkerTask, WriteRequest } from '../messages.js'
import { payloadParts } from '../sending/block-messages.js'
import { finishFiles, prepareFiles, stampFiles } from './arrange.js'
import type { ContentFiles } from './content-files.js'
import { FlatHashes } from './flat-hashes.js'
import { IncomingPiece } from './incoming-piece.js'
import { PieceCheck } from './piece-check.js'

/** What a worker does for one torrent. Its methods throw `DiskError`. */
export class StorageWorker {
  readonly files: ContentFiles
  /** By number of the attempt; `undefined` once one failed, until it is forgotten. */
  readonly #incoming = new Map<number, IncomingPiece | undefined>()
  readonly #flatHashes: FlatHashes
  readonly #check: PieceCheck

  constructor(files: ContentFiles) {
    this.files = files
    this.#flatHashes = new FlatHashes(files)
    this.#check = new PieceCheck(files)
  }

  /** Hashes and writes blocks; gives the digests of a piece that is complete by them. */
  write(request: WriteRequest, memory: Uint8Array): PieceDigests | undefined {
    const { attempt, piece, parts } = request
    if (!this.#incoming.has(attempt)) this.#incoming.set(attempt, new IncomingPiece(this.files, piece))
    const incoming = this.#incoming.get(attempt)
    if (incoming === undefined) return undefined
    try {
      const digests = incoming.write(parts, memory)
      if (digests !== undefined) this.#incoming.delete(attempt)
      return digests
    } catch (error) {
      this.#incoming.set(attempt, undefined)
      throw error
    }
  }

  forget(attempt: number): void {
    this.#incoming.delete(attempt)
  }

  /** Reads blocks into their messages. */
  read({ piece, offset, size, at }: ReadRequest, memory: Uint8Array): void {
    const parts = (from: number, to: number) => payloadParts(memory, at, from, to - from)
    let covered = 0
    for (const slice of this.files.map.slices(piece, offset, size)) {
      for (const padding of parts(covered, slice.rangeOffset)) padding.fill(0)
      covered = slice.rangeOffset + slice.length
      const targets = parts(slice.rangeOffset, covered)
      if (this.files.readParts(slice.entryIndex, slice.fileOffset, targets) < slice.length) {
        throw tooShort(this.files.pathOf(slice.entryIndex))
      }
    }
    for (const padding of parts(covered, size)) padding.fill(0)
  }

  stopHash(id: number): void {
    this.#flatHashes.stop(id)
  }

  perform(task: WorkerTask): TaskResult {
    switch (task.type) {
      case 'check':
        return this.#check.run(task.first, task.count, task.checksums)
      case 'digest-blocks':
        return { type: 'block-digests', digests: this.#check.blockDigests(task.piece) }
      case 'hash-run':
        return { type: 'hashed-run', sum: this.#flatHashes.run(task) }
      case 'hash-files':
        return { type: 'hashed-files', sums: task.entryIndices.map(index => this.#flatHashes.ofFile(index)) }
      case 'stat':
        return stampFiles(this.files, task.first, task.count)
      case 'prepare':
        prepareFiles(this.files)
        return { type: 'done' }
      case 'finish':
        finishFiles(this.files)
        return { type: 'done' }
      case 'drain':
        // What was asked before is done by now.
        return { type: 'done' }
      case 'close':
        this.files.close()
        return { type: 'done' }
      default:
        return unreachable(task)
    }
  }
}
