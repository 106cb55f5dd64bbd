// The entries of a torrent with paths that stay below one folder: no two are equal, and none leads through a symlink.

import type { Steps } from '../../../base/steps.js'
import type { PlacedEntries } from '../placed-entries.js'
import { ContentTree } from './content-tree.js'
import { EntryColumns } from './entry-columns.js'
import { PendingLinks, placeLinks } from './pending-links.js'
import type { Listing, RawEntries } from './raw-entry.js'
import type { Warnings } from './warnings.js'

export interface SafeListing extends Listing {
  readonly entries: PlacedEntries
}

export interface PlacingOptions {
  /** Of the torrent, in which all names lie. */
  readonly bytes: Uint8Array
  /** At least as many as there are entries. */
  readonly capacity: number
  /** Of the hashes of names: something that depends on all of them. */
  readonly key: Uint8Array
  /** Gets a line for each symlink that is left out. */
  readonly warnings: Warnings
}

/**
 * Gives each entry that is read a place.
 * @throws {MetainfoError} where there are more folders than any file system should bear, and what reading throws
 */
export function* safeEntries(
  listed: RawEntries,
  { bytes, capacity, key, warnings }: PlacingOptions,
): Steps<SafeListing> {
  const columns = new EntryColumns(bytes, capacity)
  const tree = new ContentTree(columns, key)
  const links = new PendingLinks(bytes)
  for (;;) {
    const { value, done } = listed.next()
    if (done) {
      if (!links.isEmpty) yield* placeLinks(links, tree, columns, warnings)
      return { ...value, entries: columns.finish() }
    }
    if (value === undefined) {
      yield
      continue
    }
    const index = columns.add(value)
    if (value.type === 'file') tree.placeFile(index, value.path)
    else if (value.type === 'symlink') links.add(index, value)
  }
}
