// Finds out how damaged content can be repaired, by the rules that a download follows, so that the advice works.

import { Bitfield } from '../base/bitfield.js'
import type { Metainfo } from '../protocol/metainfo/metainfo.js'
import type { FileStamps } from './disk/file-stamps.js'
import { indexed } from './disk/layout.js'
import type { Obstacle } from './disk/messages.js'
import type { Storage } from './disk/storage.js'
import type { EarlierState } from './task/existing-data.js'
import { foreignAmong, longerFiles } from './task/longer-files.js'

/** A download into the same folder makes the content right, under these conditions. */
export interface Remedy {
  /** Absolute paths of what the download would refuse to write to: it has to be moved away first. */
  readonly moveAway: readonly string[]
  /** True if the download has to be allowed to shorten files that are too long. */
  readonly truncate: boolean
  /** True if the saved state claims damaged pieces, so that the download has to be told to hash them. */
  readonly recheck: boolean
}

export const NO_REMEDY: Remedy = { moveAway: [], truncate: false, recheck: false }

export interface FoundContent {
  readonly metainfo: Metainfo
  readonly storage: Pick<Storage, 'map' | 'pathOf'>
  readonly stamps: FileStamps
  /** Pieces that are missing or wrong. */
  readonly bad: Bitfield
  /** Pieces that are nothing but zeros. */
  readonly blank: Bitfield
  readonly obstacles: readonly Obstacle[]
  /** The state that an earlier session saved. */
  readonly earlier: EarlierState | undefined
}

export function findRemedy(found: FoundContent): Remedy {
  const { metainfo, storage, stamps, earlier } = found
  const { map } = storage
  // Obstacles are moved away, and take with them what could be read through them.
  const blocked = new Set(found.obstacles.map(({ entryIndex }) => entryIndex))
  const isThere = (entryIndex: number) => !blocked.has(entryIndex) && stamps.at(entryIndex).type === 'file'
  const good = goodPieces(found, blocked)
  const longer = longerFiles(metainfo, stamps).filter(isThere)
  const isKnown = earlier !== undefined
  const foreign = new Set(
    isKnown || !good.isEmpty || isBegun(found, isThere)
      ? foreignAmong({ metainfo, map, have: good, isKnown }, longer)
      : filesWithContent(metainfo, stamps).filter(isThere),
  )
  return {
    moveAway: [
      ...new Set(found.obstacles.map(({ path }) => path)),
      ...Array.from(foreign, entryIndex => storage.pathOf(entryIndex)),
    ],
    truncate: longer.some(entryIndex => !foreign.has(entryIndex)),
    recheck: isKnown && isTrustedWrongly(found, earlier, isThere),
  }
}

function goodPieces({ metainfo, storage, bad }: FoundContent, blocked: ReadonlySet<number>): Bitfield {
  const good = Bitfield.full(bad.length)
  for (const piece of bad) good.delete(piece)
  for (const entryIndex of blocked) {
    const entry = metainfo.entries.at(entryIndex)
    const pieces = entry?.type === 'file' ? storage.map.piecesOf(entry) : undefined
    if (pieces === undefined) continue
    for (let piece = pieces.first; piece <= pieces.last; piece++) good.delete(piece)
  }
  return good
}

/** Whether the pieces whose files are all there are nothing but zeros, as where a download was begun. */
function isBegun({ storage, bad, blank }: FoundContent, isThere: (entryIndex: number) => boolean): boolean {
  const { map } = storage
  let hasAny = false
  for (let piece = 0; piece < bad.length; piece++) {
    const slices = map.slices(piece, 0, map.pieceLength)
    if (slices.length === 0 || !slices.every(({ entryIndex }) => isThere(entryIndex))) continue
    if (!blank.has(piece)) return false
    hasAny = true
  }
  return hasAny
}

function filesWithContent(metainfo: Metainfo, stamps: FileStamps): number[] {
  const found: number[] = []
  for (const [index, entry] of indexed(metainfo.entries)) {
    const stamp = stamps.at(index)
    if (entry.type === 'file' && stamp.type === 'file' && stamp.size > 0) found.push(index)
  }
  return found
}

/** Whether a download would believe that a bad piece is right: the disk changed it, and the file system tells of no change. */
function isTrustedWrongly(
  { storage, stamps, bad }: FoundContent,
  { have, reliable, isUnchanged }: EarlierState,
  isThere: (entryIndex: number) => boolean,
): boolean {
  const { map } = storage
  const isBelieved = (entryIndex: number) =>
    isThere(entryIndex) && isUnchanged(entryIndex, stamps.at(entryIndex))
  for (const piece of bad) {
    if (!have.has(piece) || !reliable.has(piece)) continue
    if (map.slices(piece, 0, map.pieceLength).every(({ entryIndex }) => isBelieved(entryIndex))) return true
  }
  return false
}
