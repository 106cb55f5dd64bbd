// BEP 52, upgrade path: the two halves of a hybrid torrent must describe the same files at the same places.

import type { Steps } from '../../../base/steps.js'
import type { Fields } from './fields.js'
import { ENTRIES_A_STEP, type Listing, pathInWords } from './listing.js'

/**
 * The entries of the v1 half, which has the pads, with what only the file tree knows of them. The pad after the last
 * file may be there or not: creators differ.
 * @throws {MetainfoError} where the halves disagree
 */
export function* joinHybrid(info: Fields, v1: Listing, v2: Listing): Steps<Listing> {
  const disagree = (what: string) => info.fail('files', 'inconsistent', `${what} in the v1 and the v2 half`)
  if (v1.pieceCount !== v2.pieceCount) disagree('not the same number of pieces')

  const fromList = v1.entries.view()
  // A file tree has no pads.
  const fromTree = v2.entries.view()
  let next = 0
  let index = -1
  for (const entry of fromList) {
    index++
    if (index % ENTRIES_A_STEP === ENTRIES_A_STEP - 1) yield
    if (entry.type === 'pad') continue
    const twin = fromTree.at(next++)
    if (twin === undefined) return disagree('not the same number of files')
    if (!isSamePath(entry.path, twin.path)) {
      disagree(`${pathInWords(entry.path)} and ${pathInWords(twin.path)} stand at the same place`)
    }
    if (entry.type === 'file' && twin.type === 'file') {
      if (entry.length !== twin.length) disagree(`${pathInWords(entry.path)} is not of the same length`)
      if (entry.length > 0 && entry.offset !== twin.offset) {
        disagree(`${pathInWords(entry.path)} does not begin at the same place`)
      }
      if (entry.isExecutable !== twin.isExecutable) v1.entries.setExecutable(index, twin.isExecutable)
      v1.entries.setHashes(index, twin)
    } else if (entry.type === 'symlink' && twin.type === 'symlink') {
      if (!isSamePath(entry.target, twin.target)) disagree(`${pathInWords(entry.path)} leads elsewhere`)
    } else {
      disagree(`${pathInWords(entry.path)} is not of the same kind`)
    }
  }
  if (next !== fromTree.length) disagree('not the same number of files')
  return v1
}

function isSamePath(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((component, i) => component === b[i])
}
