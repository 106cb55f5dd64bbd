// The entries of a torrent with paths that stay below one folder: no two are equal, and none leads through a symlink.

import type { Steps } from '../../../base/steps.js'
import type { EntryTable } from '../entry-table.js'
import { EntryTableBuilder } from '../entry-table-builder.js'
import type { EntryList, SymlinkEntry } from '../metainfo.js'
import { ContentTree, type Placed, type PlacedLink } from './content-tree.js'
import { ENTRIES_A_STEP, pathInWords } from './listing.js'
import type { Warnings } from './warnings.js'

/**
 * @param singleName the name of the file, for a torrent that is one file
 * @param warnings gets a line for each symlink that is left out
 * @throws {MetainfoError} where there are more folders than any file system should bear
 */
export function* safeEntries(
  listed: EntryList,
  singleName: string | undefined,
  warnings: Warnings,
): Steps<EntryTable> {
  const symlinks = new Map<number, SymlinkEntry>()
  let index = 0
  for (const entry of listed) {
    if (entry.type === 'symlink') symlinks.set(index, entry)
    index++
  }
  const tree = new ContentTree(symlinks.size > 0)
  const placed = new EntryTableBuilder()
  for (const entry of listed) {
    if (entry.type === 'file') {
      const path = singleName === undefined ? tree.placeFile(entry.path) : [singleName]
      const { type, length, offset, isExecutable, sha256, piecesRoot } = entry
      placed.add({ type, path, length, offset, isExecutable, sha256, piecesRoot })
    } else placed.add(entry)
    if (placed.length % ENTRIES_A_STEP === 0) yield
  }
  if (symlinks.size === 0) return placed.finish()
  // Symlinks come last, so that none takes a name from a file.
  const links = placeLinks(tree, [...symlinks.values()], warnings)
  const entries = new EntryTableBuilder()
  index = 0
  for (const entry of placed.view()) {
    const symlink = symlinks.get(index++)
    const link = symlink && links.get(symlink)
    if (entry.type !== 'symlink') entries.add(entry)
    else if (link?.target !== undefined) entries.add({ ...entry, path: link.path, target: link.target.path })
    if (index % ENTRIES_A_STEP === 0) yield
  }
  return entries.finish()
}

/** The symlinks that have a place and, at the end of the chain, lead to a file or a folder of the torrent. */
function placeLinks(
  tree: ContentTree,
  symlinks: readonly SymlinkEntry[],
  warnings: Warnings,
): Map<SymlinkEntry, PlacedLink> {
  const links = new Map<SymlinkEntry, PlacedLink>()
  for (const entry of symlinks) {
    const link = tree.placeLink(entry.path)
    if (link !== undefined) links.set(entry, link)
    else warnings.add(`${pathInWords(entry.path)}: a symlink whose name is taken is left out`)
  }
  for (const [{ path, target }, link] of links) {
    // BEP 47 counts from the torrent's folder; libtorrent before 2.0.13 counted from that of the link.
    link.target = tree.find(target) ?? tree.find([...path.slice(0, -1), ...target])
  }
  const leadingSomewhere = new Set<PlacedLink>()
  for (const [entry, link] of links) {
    if (!leadsSomewhere(link, leadingSomewhere)) {
      warnings.add(`${pathInWords(entry.path)}: a symlink that leads nowhere in the torrent is left out`)
    }
  }
  return links
}

/** Follows a chain of symlinks; all of one that ends at nothing, or never, lose their targets. */
function leadsSomewhere(link: PlacedLink, known: Set<PlacedLink>): boolean {
  const chain = new Set<PlacedLink>()
  let at: Placed | undefined = link
  while (at?.type === 'symlink' && !known.has(at) && !chain.has(at)) {
    chain.add(at)
    at = at.target
  }
  const isGood = at !== undefined && (at.type !== 'symlink' || known.has(at))
  for (const part of chain) {
    if (isGood) known.add(part)
    else part.target = undefined
  }
  return isGood
}
