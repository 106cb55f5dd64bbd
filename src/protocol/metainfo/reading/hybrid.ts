// BEP 52, upgrade path: the two halves of a hybrid torrent must describe the same files at the same places.

import type { Fields } from './fields.js'
import {
  type ListedEntry,
  type ListedFile,
  type ListedSymlink,
  type Listing,
  printablePath,
} from './listing.js'

/**
 * The entries of the v1 half, which has the pads, with what only the file tree knows of them. The pad after the last
 * file may be there or not: creators differ.
 * @throws {MetainfoError} where the halves disagree
 */
export function joinHybrid(info: Fields, v1: Listing, v2: Listing): Listing {
  const disagree = (what: string) => info.fail('files', 'inconsistent', `${what} in the v1 and the v2 half`)
  const fromTree = v2.entries.filter(isFileOrSymlink)
  if (v1.pieceCount !== v2.pieceCount) disagree('not the same number of pieces')

  const entries: ListedEntry[] = []
  let next = 0
  for (const entry of v1.entries) {
    if (entry.type === 'pad') {
      entries.push(entry)
      continue
    }
    const twin = fromTree[next++]
    if (twin === undefined) return disagree('not the same number of files')
    if (!isSamePath(entry.path, twin.path)) {
      disagree(`${printablePath(entry.path)} and ${printablePath(twin.path)} stand at the same place`)
    }
    if (entry.type === 'file' && twin.type === 'file') {
      if (entry.length !== twin.length) disagree(`${printablePath(entry.path)} is not of the same length`)
      if (entry.length > 0 && entry.offset !== twin.offset) {
        disagree(`${printablePath(entry.path)} does not begin at the same place`)
      }
      entries.push({ ...twin, offset: entry.offset, sha256: twin.sha256 ?? entry.sha256 })
    } else if (entry.type === 'symlink' && twin.type === 'symlink') {
      if (!isSamePath(entry.target, twin.target)) disagree(`${printablePath(entry.path)} leads elsewhere`)
      entries.push(entry)
    } else {
      disagree(`${printablePath(entry.path)} is not of the same kind`)
    }
  }
  if (next !== fromTree.length) disagree('not the same number of files')
  return { entries, pieceCount: v1.pieceCount }
}

function isFileOrSymlink(entry: ListedEntry): entry is ListedFile | ListedSymlink {
  return entry.type !== 'pad'
}

function isSamePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((component, i) => component === b[i])
}
