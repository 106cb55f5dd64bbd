import { Bitfield } from '../../base/bitfield.js'
import type { ContentEntry, Info } from '../../protocol/metainfo/metainfo.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import { NORMAL, NOT_WANTED, PRIORITIES, type Priority } from './priorities.js'

/** A torrent, as a selection sees it. */
export type SelectableInfo = Pick<Info, 'entries' | 'size'>

/**
 * Which files and symlinks of a torrent are wanted, and how much: one value that does not change. Which pieces are fetched, when
 * the torrent is complete, and what is made on the disk follow from it.
 */
export class Selection {
  /** Bytes of the files that are selected. */
  readonly size: number
  /** The entries that are selected, by index; undefined where nothing is left out. */
  readonly selected: Bitfield | undefined
  readonly #info: SelectableInfo
  /** By entry index; undefined while all are of normal priority. */
  readonly #priorities: Uint8Array | undefined

  private constructor(info: SelectableInfo, priorities: Uint8Array | undefined) {
    this.#info = info
    this.#priorities = priorities
    const isAll = priorities === undefined || !priorities.includes(NOT_WANTED)
    this.selected = isAll ? undefined : new Bitfield(info.entries.length)
    let size = 0
    for (let index = 0; !isAll && index < priorities.length; index++) {
      if (priorities[index] === NOT_WANTED) continue
      this.selected?.add(index)
      const entry = info.entries.at(index)
      if (entry?.type === 'file') size += entry.length
    }
    this.size = isAll ? info.size : size
  }

  /** Everything, in no particular order. */
  static all(info: SelectableInfo): Selection {
    return new Selection(info, undefined)
  }

  /** @param priorityOf called once for each file and symlink */
  static of(
    info: SelectableInfo,
    priorityOf: (entryIndex: number, entry: Exclude<ContentEntry, { type: 'pad' }>) => Priority,
  ): Selection {
    const priorities = new Uint8Array(info.entries.length).fill(NORMAL)
    for (let index = 0; index < priorities.length; index++) {
      const entry = info.entries.at(index)
      if (entry !== undefined && entry.type !== 'pad') priorities[index] = priorityOf(index, entry)
    }
    return new Selection(info, priorities)
  }

  /** Whether a file or symlink is selected. */
  has(entryIndex: number): boolean {
    return this.selected?.has(entryIndex) ?? true
  }

  /** How much a file or symlink is wanted; 0 where it is not selected. */
  priorityOf(entryIndex: number): Priority {
    return PRIORITIES[this.#priorities?.[entryIndex] ?? NORMAL] ?? NORMAL
  }

  /**
   * The priority of each piece: that of the most wanted file in it, since a piece at the border of two files is needed for both.
   * Undefined where all are of normal priority.
   */
  piecePriorities(map: PieceMap): Uint8Array | undefined {
    if (this.#priorities === undefined) return undefined
    const priorities = new Uint8Array(map.pieceCount)
    for (let index = 0; index < this.#priorities.length; index++) {
      const priority = this.#priorities[index] ?? NOT_WANTED
      const entry = priority === NOT_WANTED ? undefined : this.#info.entries.at(index)
      const pieces = entry?.type === 'file' ? map.piecesOf(entry) : undefined
      if (pieces === undefined) continue
      for (let piece = pieces.first; piece <= pieces.last; piece++)
        priorities[piece] = Math.max(priorities[piece] ?? NOT_WANTED, priority)
    }
    return priorities
  }

  /** Bytes of the selected files that a piece holds. */
  bytesIn(map: PieceMap, piece: number): number {
    if (this.selected === undefined) return map.dataSize(piece)
    let bytes = 0
    for (const { entryIndex, length } of map.slices(piece, 0, map.pieceLength))
      if (this.has(entryIndex)) bytes += length
    return bytes
  }
}
