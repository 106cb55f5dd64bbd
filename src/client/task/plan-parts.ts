import { NOT_WANTED } from '../../engine/pick/priorities.js'
import type { Selection } from '../../engine/pick/selection.js'
import type { WantedPieces } from '../../engine/pick/wanted-pieces.js'
import type { FileEntry, Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import type { FileStamps } from '../disk/file-stamps.js'
import { indexed } from '../disk/layout.js'
import { type PartExtent, PartExtents } from '../disk/part-extents.js'
import { edgesOf, type FileEdge, ownPieces } from '../disk/piece-files.js'

export interface PartsFacts {
  readonly metainfo: Metainfo
  readonly map: PieceMap
  readonly selection: Selection
  readonly wanted: WantedPieces
  /** Of the files as they were checked. */
  readonly stamps: FileStamps
  /** The bytes that lie in the parts file now. */
  readonly extents: PartExtents
}

export interface PartsPlan {
  /** The bytes that lie in the parts file from now on. */
  readonly extents: PartExtents
  /** Verified bytes of files that are selected by now: they are copied into these first. */
  readonly taken: PartExtents
}

/**
 * Decides which bytes lie in the parts file, once it is known which pieces are there. A file that is not selected is written to only
 * if it is there already, with at least one of its pieces; else its bytes in pieces of selected files go to the parts file. What
 * lies there stays while it is of use, whatever is selected, so that nothing is downloaded twice.
 */
export function planParts(facts: PartsFacts): PartsPlan {
  const { metainfo, map, selection, wanted, extents } = facts
  if (selection.selected === undefined && extents.isEmpty) return { extents, taken: PartExtents.NONE }
  const next: PartExtent[] = []
  const taken: PartExtent[] = []
  const room = new FreeRoom(extents)
  for (const [index, entry] of indexed(metainfo.entries)) {
    if (entry.type !== 'file') continue
    const edges = edgesOf(map, entry)
    const placed = edges.map(edge => placedIn(extents, edge))
    const isSelected = selection.has(index)
    const usesOwnFile = isSelected || (!placed.some(isThere) && hasOwnData(facts, index, entry))
    for (const [at, { piece, start, length }] of edges.entries()) {
      const known = placed[at]
      if (isSelected) {
        if (known !== undefined && wanted.have.has(piece)) taken.push(known)
      } else if (known !== undefined) {
        if (wanted.have.has(piece) || isWanted(wanted, piece)) next.push(known)
      } else if (!usesOwnFile && isWanted(wanted, piece)) {
        next.push({ start, length, at: room.take(length) })
      }
    }
  }
  return { extents: PartExtents.of(next), taken: PartExtents.of(taken) }
}

function isThere(extent: PartExtent | undefined): boolean {
  return extent !== undefined
}

function placedIn(extents: PartExtents, { start, length }: FileEdge): PartExtent | undefined {
  const at = extents.place(start, length)
  return at === undefined ? undefined : { start, length, at }
}

function isWanted(wanted: WantedPieces, piece: number): boolean {
  return wanted.priorityOf(piece) !== NOT_WANTED
}

/** Whether a file is there, with a piece that is right, so that it is this torrent's. */
function hasOwnData(
  { map, stamps, wanted, extents }: PartsFacts,
  entryIndex: number,
  entry: FileEntry,
): boolean {
  if (stamps.at(entryIndex).type !== 'file') return false
  const { first, last } = ownPieces(map, extents, entry) ?? { first: 0, last: -1 }
  for (let piece = first; piece <= last; piece++) if (wanted.have.has(piece)) return true
  return false
}

/**
 * Places in the parts file that hold nothing, as the saved state has it: what is given up now is not among them, since that state
 * holds until the next is saved.
 */
class FreeRoom {
  readonly #gaps: { at: number; length: number }[] = []
  #next = 0

  constructor(extents: PartExtents) {
    let end = 0
    for (const { at, length } of [...extents].sort((a, b) => a.at - b.at)) {
      if (at > end) this.#gaps.push({ at: end, length: at - end })
      end = Math.max(end, at + length)
    }
    this.#gaps.push({ at: end, length: Number.POSITIVE_INFINITY })
  }

  take(length: number): number {
    let gap = this.#gaps[this.#next]
    while (gap !== undefined && gap.length < length) gap = this.#gaps[++this.#next]
    if (gap === undefined) throw new RangeError('the last gap has no end')
    const { at } = gap
    gap.at += length
    gap.length -= length
    return at
  }
}
