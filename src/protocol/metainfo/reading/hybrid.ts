// BEP 52, upgrade path: the two halves of a hybrid torrent must describe the same files at the same places.

import { equalBytes } from '../../../base/bytes.js'
import type { Fields } from './fields.js'
import { pathInWords } from './listing.js'
import type { Listing, RawEntries, RawEntry, RawPath } from './raw-entry.js'
import { nameText } from './true-names.js'

/**
 * The entries of the v1 half, which has the pads, with what only the file tree knows of them. The pad after the last
 * file may be there or not: creators differ.
 * @throws {MetainfoError} where the halves disagree
 */
export function* joinHybrid(info: Fields, v1: RawEntries, v2: RawEntries): RawEntries {
  const disagree = (what: string) => info.fail('files', 'inconsistent', `${what} in the v1 and the v2 half`)
  const fromTree = new Pulled(v2)
  const fromList = new Pulled(v1)
  for (;;) {
    const entry = yield* fromList.next()
    if (entry === undefined) break
    // A file tree has no pads.
    if (entry.type === 'pad') {
      yield entry
      continue
    }
    const twin = yield* fromTree.next()
    if (twin === undefined) return disagree('not the same number of files')
    yield joined(entry, twin, disagree)
  }
  if ((yield* fromTree.next()) !== undefined) disagree('not the same number of files')
  const { listing } = fromList
  if (listing === undefined || listing.pieceCount !== fromTree.listing?.pieceCount) {
    return disagree('not the same number of pieces')
  }
  return listing
}

/** Entries of one half, taken when they are needed. */
class Pulled {
  /** Once there is no more. */
  listing: Listing | undefined
  readonly #entries: RawEntries

  constructor(entries: RawEntries) {
    this.#entries = entries
  }

  *next(): Generator<undefined, RawEntry | undefined, undefined> {
    while (this.listing === undefined) {
      const { value, done } = this.#entries.next()
      if (done) this.listing = value
      else if (value !== undefined) return value
      else yield
    }
    return undefined
  }
}

function joined(
  entry: Exclude<RawEntry, { type: 'pad' }>,
  twin: RawEntry,
  disagree: (what: string) => never,
): RawEntry {
  const place = () => pathInWords(entry.path)
  if (twin.type === 'pad' || !isSamePath(entry.path, twin.path)) {
    const other = twin.type === 'pad' ? 'a pad' : pathInWords(twin.path)
    disagree(`${place()} and ${other} stand at the same place`)
  }
  if (entry.type === 'symlink' && twin.type === 'symlink') {
    if (!isSamePath(entry.target, twin.target)) disagree(`${place()} leads elsewhere`)
    return entry
  }
  if (entry.type !== 'file' || twin.type !== 'file') return disagree(`${place()} is not of the same kind`)
  if (entry.length !== twin.length) disagree(`${place()} is not of the same length`)
  if (entry.length > 0 && entry.offset !== twin.offset)
    disagree(`${place()} does not begin at the same place`)
  const { isExecutable, piecesRoot } = twin
  return { ...entry, isExecutable, piecesRoot, sha256: twin.sha256 ?? entry.sha256 }
}

function isSamePath(a: RawPath, b: RawPath): boolean {
  return a.length === b.length && a.every((name, i) => isSameName(name, b[i]))
}

/** Bytes that are no UTF-8 may differ: some programs write others there. */
function isSameName(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && (equalBytes(a, b) || nameText(a) === nameText(b))
}
