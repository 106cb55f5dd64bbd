import { dirname } from 'node:path'
import type { Bitfield } from '../../base/bitfield.js'
import type { Gate } from '../../base/gate.js'
import type { Steps } from '../../base/steps.js'
import type { EntryList } from '../../protocol/metainfo/metainfo.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import { indexed, partsIndexOf } from '../disk/layout.js'
import type { PartExtents } from '../disk/part-extents.js'
import { ownPieces, partsPieces } from '../disk/piece-files.js'
import { syncFile, syncFolder } from '../disk/sync-files.js'
import { inTurns } from '../in-turns.js'

/** The files of a torrent, as far as syncing them needs to know. */
export interface SyncedFiles {
  readonly map: PieceMap
  readonly mode: 'read' | 'write'
  /** Absolute path of the folder that holds the content. */
  readonly dir: string
  readonly parts: { readonly extents: PartExtents }
  pathOf(fileIndex: number): string
}

/**
 * Tracks the verified pieces that are known to be on the disk, and syncs more of them: a round syncs every file with pieces that
 * were verified since the last one. Rounds run behind a download, which never waits for them.
 *
 * A piece counts only if it was verified before the round began and all of its files were synced in it, so that the
 * pieces in `synced` survive a crash of the machine at any moment.
 */
export class ContentSync {
  readonly #files: SyncedFiles
  readonly #entries: EntryList
  readonly #gate: Gate
  #synced: Bitfield
  /** Pieces that the round under way will have synced. */
  #waiting: Bitfield | undefined
  /** The number of verified pieces when the last round began. The next round is of use once there are more. */
  #tried = 0
  #round: Promise<void> | undefined
  #hasFailed = false

  /**
   * @param synced pieces that an earlier session synced; not to be changed from here on
   * @param gate what all torrents of a session sync through, so that no disk has to do everything at once
   */
  constructor(files: SyncedFiles, entries: EntryList, synced: Bitfield, gate: Gate) {
    this.#files = files
    this.#entries = entries
    this.#synced = synced
    this.#gate = gate
  }

  /** Pieces that survive a crash, as far as that is known now: a set that does not change any more. */
  get synced(): Bitfield {
    return this.#synced
  }

  /** True once the disk has lost writes: then only `synced` can be relied on, even without a crash. */
  get hasFailed(): boolean {
    return this.#hasFailed
  }

  /** A piece will be written anew: until it is verified and synced again, nothing is promised of it. */
  forget(piece: number): void {
    if (this.#synced.has(piece)) {
      this.#synced = this.#synced.copy()
      this.#synced.delete(piece)
    }
    this.#waiting?.delete(piece)
    this.#tried = 0
  }

  /** True if a round could make more pieces survive a crash. */
  isBehind(verified: Bitfield): boolean {
    return !this.#hasFailed && verified.count !== this.#synced.count && verified.count !== this.#tried
  }

  /**
   * A round for the pieces that are verified now. Ends early once `signal` is aborted.
   * @throws {import('../disk/disk-error.js').DiskError} where the disk could not keep what it had taken
   */
  async catchUp(verified: Bitfield, signal: AbortSignal): Promise<void> {
    await this.#afterRound(async () => {
      const waiting = verified.copy()
      for (const piece of this.#synced) waiting.delete(piece)
      if (!waiting.isEmpty) await this.#run(waiting, verified.count, signal)
    })
  }

  /**
   * Waits until the disk has every file as it is now, with its folders, links and permissions. Errors as for `catchUp`.
   */
  async syncAll(verified: Bitfield, signal: AbortSignal): Promise<void> {
    await this.#afterRound(async () => {
      await this.#run(verified.copy(), verified.count, signal)
      for (const folder of await inTurns(foldersOf(this.#files, this.#entries))) {
        if (signal.aborted) return
        await this.#gate.run(() => syncFolder(folder))
      }
    })
  }

  /** Waits for what is under way; never rejects. */
  async settle(): Promise<void> {
    await this.#round?.catch(() => {})
  }

  async #afterRound(work: () => Promise<void>): Promise<void> {
    this.#round = this.settle().then(work)
    await this.#round
  }

  async #run(waiting: Bitfield, tried: number, signal: AbortSignal): Promise<void> {
    this.#waiting = waiting
    this.#tried = tried
    try {
      for (const fileIndex of await inTurns(filesOf(this.#files, this.#entries, waiting))) {
        if (signal.aborted) return
        const isKept = await this.#gate.run(() => this.#syncFile(fileIndex))
        if (!isKept) this.#leaveOut(fileIndex, waiting)
      }
      this.#synced = this.#synced.union(waiting)
    } finally {
      this.#waiting = undefined
    }
  }

  async #syncFile(fileIndex: number): Promise<boolean> {
    try {
      return (await syncFile(this.#files.pathOf(fileIndex), this.#files.mode)) === 'kept'
    } catch (error) {
      this.#hasFailed = true
      throw error
    }
  }

  #leaveOut(fileIndex: number, waiting: Bitfield): void {
    const { map, parts } = this.#files
    if (fileIndex === partsIndexOf({ entries: this.#entries })) {
      for (const piece of partsPieces(map, parts.extents)) waiting.delete(piece)
      return
    }
    const entry = this.#entries.at(fileIndex)
    const pieces = entry?.type === 'file' ? ownPieces(map, parts.extents, entry) : undefined
    if (pieces === undefined) return
    for (let piece = pieces.first; piece <= pieces.last; piece++) waiting.delete(piece)
  }
}

/** Entries that are looked at in one step. */
const ENTRIES_A_STEP = 1_000

/** Indices of the files that hold bytes of `pieces`. */
function* filesOf({ map, parts }: SyncedFiles, entries: EntryList, pieces: Bitfield): Steps<number[]> {
  const found: number[] = []
  for (const [index, entry] of indexed(entries)) {
    if (index % ENTRIES_A_STEP === ENTRIES_A_STEP - 1) yield
    const span = entry.type === 'file' ? ownPieces(map, parts.extents, entry) : undefined
    if (span !== undefined && hasAny(pieces, span.first, span.last)) found.push(index)
  }
  for (const piece of partsPieces(map, parts.extents)) {
    if (!pieces.has(piece)) continue
    found.push(partsIndexOf({ entries }))
    break
  }
  return found
}

function hasAny(pieces: Bitfield, first: number, last: number): boolean {
  for (let piece = first; piece <= last; piece++) if (pieces.has(piece)) return true
  return false
}

/** The folders that hold entries, and those that lead to them from `dir` on. */
function* foldersOf(files: SyncedFiles, entries: EntryList): Steps<Set<string>> {
  const folders = new Set([files.dir])
  for (const [index, { type }] of indexed(entries)) {
    if (index % ENTRIES_A_STEP === ENTRIES_A_STEP - 1) yield
    if (type === 'pad') continue
    for (let folder = dirname(files.pathOf(index)); !folders.has(folder); folder = dirname(folder))
      folders.add(folder)
  }
  return folders
}
