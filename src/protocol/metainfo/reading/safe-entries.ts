// The entries of a torrent with paths that can be written anywhere below one folder: no two of them meet, and
// none leads through a symlink.

import type { ContentEntry } from '../metainfo.js'
import { ContentTree, type Placed, type PlacedLink } from './content-tree.js'
import { type ListedEntry, type ListedSymlink, printablePath } from './listing.js'
import type { Warnings } from './warnings.js'

/**
 * @param singleName the safe name of the file, for a torrent that is one file
 * @param warnings gets a line for each symlink that is left out
 * @throws {MetainfoError} where there are more folders than any file system should bear
 */
export function safeEntries(
  listed: readonly ListedEntry[],
  singleName: string | undefined,
  warnings: Warnings,
): ContentEntry[] {
  const tree = new ContentTree()
  const paths = listed.map(entry => {
    if (entry.type !== 'file') return []
    return singleName === undefined ? tree.placeFile(entry.path) : [singleName]
  })
  // Symlinks come last, so that none takes a name from a file.
  const links = placeLinks(tree, listed, warnings)
  const entries: ContentEntry[] = []
  for (const [i, entry] of listed.entries()) {
    switch (entry.type) {
      case 'file':
        entries.push({ ...entry, path: paths[i] ?? [] })
        break
      case 'pad':
        entries.push({ ...entry, path: ['.pad', String(entry.length)] })
        break
      case 'symlink': {
        const link = links.get(entry)
        if (link?.target === undefined) break
        entries.push({ ...entry, path: link.path, length: 0, target: link.target.path })
      }
    }
  }
  return entries
}

/** The symlinks that have a place and, at the end of the chain, lead to a file or a folder of the torrent. */
function placeLinks(
  tree: ContentTree,
  listed: readonly ListedEntry[],
  warnings: Warnings,
): Map<ListedSymlink, PlacedLink> {
  const links = new Map<ListedSymlink, PlacedLink>()
  for (const entry of listed) {
    if (entry.type !== 'symlink') continue
    const link = tree.placeLink(entry.path)
    if (link !== undefined) links.set(entry, link)
    else warnings.add(`${printablePath(entry.path)}: a symlink whose name is taken is left out`)
  }
  for (const [{ path, target }, link] of links) {
    // BEP 47 counts from the torrent's folder; libtorrent before 2.0.13 counted from that of the link.
    link.target = tree.find(target) ?? tree.find([...path.slice(0, -1), ...target])
  }
  const leadingSomewhere = new Set<PlacedLink>()
  for (const [entry, link] of links) {
    if (!leadsSomewhere(link, leadingSomewhere)) {
      warnings.add(`${printablePath(entry.path)}: a symlink that leads nowhere in the torrent is left out`)
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
