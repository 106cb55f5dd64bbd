import { Bitfield } from '../../../base/bitfield.js'
import { unreachable } from '../../../base/errors.js'
import type { ReadRequest, TaskResult, WorkerTask, WriteRequest } from '../messages.js'
import { PartExtents } from '../part-extents.js'
import { payloadParts } from '../sending/block-messages.js'
import { findObstacles, finishFiles, prepareFiles, stampFiles } from './arrange.js'
import { ContentFiles } from './content-files.js'
import { FlatHashes } from './flat-hashes.js'
import { IncomingPiece, type ReceivedPiece } from './incoming-piece.js'
import type { OpenFiles } from './open-files.js'
import { PieceCheck } from './piece-check.js'

/** A worker's part of one torrent. Its methods throw `DiskError`. */
export class StorageWorker {
  readonly files: ContentFiles
  readonly #openFiles: OpenFiles
  /** By number of the attempt; `undefined` once one failed, until it is forgotten. */
  readonly #incoming = new Map<number, IncomingPiece | undefined>()
  readonly #flatHashes: FlatHashes
  readonly #check: PieceCheck

  constructor(openFiles: OpenFiles) {
    this.#openFiles = openFiles
    this.files = new ContentFiles(openFiles)
    this.#flatHashes = new FlatHashes(this.files)
    this.#check = new PieceCheck(this.files)
  }

  /** Hashes and writes blocks; gives the digests of a piece that is complete by them. */
  write(request: WriteRequest, memory: Uint8Array): ReceivedPiece | undefined {
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
    for (const slice of this.files.slices(piece, offset, size)) {
      for (const padding of parts(covered, slice.rangeOffset)) padding.fill(0)
      covered = slice.rangeOffset + slice.length
      const targets = parts(slice.rangeOffset, covered)
      this.files.inspect(slice.entryIndex)
      const outcome = this.files.readParts(slice.entryIndex, slice.fileOffset, targets)
      if (outcome.type === 'short') throw this.files.tooShort(slice.entryIndex)
    }
    for (const padding of parts(covered, size)) padding.fill(0)
  }

  stopHash(id: number): void {
    this.#flatHashes.stop(id)
  }

  /** The entries that are selected: all, where nothing is said. */
  #selected(bytes: Uint8Array | undefined): Bitfield | undefined {
    return bytes && Bitfield.fromBytes(bytes, this.files.layout.entries.length)
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
        return stampFiles(this.#openFiles, task.first, task.count)
      case 'find-obstacles':
        return { type: 'obstacles', found: findObstacles(this.#openFiles, task.first, task.count) }
      case 'take-parts':
        this.files.takeParts(new PartExtents(task.extents))
        return { type: 'done' }
      case 'prepare':
        prepareFiles(this.#openFiles, this.files, this.#selected(task.selected))
        return { type: 'done' }
      case 'finish':
        finishFiles(this.#openFiles, this.files, this.#selected(task.selected))
        return { type: 'done' }
      case 'drain':
        // Earlier requests are done by now.
        return { type: 'done' }
      case 'rebase':
        for (const entryIndex of task.entryIndices) this.files.rebase(entryIndex)
        return { type: 'done' }
      case 'truncate':
        for (const entryIndex of task.entryIndices) this.files.truncate(entryIndex)
        return { type: 'done' }
      case 'close':
        this.files.close()
        return { type: 'done' }
      default:
        return unreachable(task)
    }
  }
}
