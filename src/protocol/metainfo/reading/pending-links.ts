// Symlinks get their places when all files have theirs, so that none takes a name from a file.

import type { Steps } from '../../../base/steps.js'
import type { ContentTree } from './content-tree.js'
import { type EntryColumns, NO_NODE } from './entry-columns.js'
import { ENTRIES_A_STEP, pathInWords } from './listing.js'
import type { RawLink, RawPath } from './raw-entry.js'
import type { Warnings } from './warnings.js'

/** The paths and targets of symlinks, as places in the bytes of the torrent: there may be half a million. */
export class PendingLinks {
  /** Of each: the index of its entry, how many names its path and its target have, and where each name begins and ends. */
  #words = new Uint32Array(64)
  #length = 0
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  get isEmpty(): boolean {
    return this.#length === 0
  }

  add(index: number, { path, target }: RawLink): void {
    const needed = this.#length + 3 + 2 * (path.length + target.length)
    if (needed > this.#words.length) {
      const larger = new Uint32Array(2 * needed)
      larger.set(this.#words)
      this.#words = larger
    }
    this.#put(index, path.length, target.length)
    for (const names of [path, target]) {
      for (const name of names) {
        const start = name.byteOffset - this.#bytes.byteOffset
        this.#put(start, start + name.length)
      }
    }
  }

  *[Symbol.iterator](): Generator<{ index: number; path: RawPath; target: RawPath }> {
    for (let at = 0; at < this.#length; ) {
      const [index = 0, pathLength = 0, targetLength = 0] = this.#words.subarray(at, at + 3)
      at += 3
      const path = this.#names(at, pathLength)
      at += 2 * pathLength
      yield { index, path, target: this.#names(at, targetLength) }
      at += 2 * targetLength
    }
  }

  #put(...words: readonly number[]): void {
    for (const word of words) this.#words[this.#length++] = word
  }

  #names(at: number, count: number): RawPath {
    return Array.from({ length: count }, (_, i) =>
      this.#bytes.subarray(this.#words[at + 2 * i], this.#words[at + 2 * i + 1]),
    )
  }
}

/** Keeps the symlinks that find a place and, at the end of the chain, lead to a file or a folder of the torrent. */
export function* placeLinks(
  links: PendingLinks,
  tree: ContentTree,
  columns: EntryColumns,
  warnings: Warnings,
): Steps<void> {
  const placed = new Uint8Array(columns.length)
  let count = 0
  for (const { index, path } of links) {
    if (tree.placeLink(index, path)) placed[index] = 1
    else warnings.add(`${pathInWords(path)}: a symlink whose name is taken is left out`)
    if (++count % ENTRIES_A_STEP === 0) yield
  }
  for (const { index, path, target } of links) {
    // BEP 47 counts from the torrent's folder; libtorrent before 2.0.13 counted from that of the link.
    const node =
      placed[index] === 1 ? (tree.find(target) ?? tree.find([...path.slice(0, -1), ...target])) : undefined
    if (node !== undefined) columns.setTarget(index, node)
    if (++count % ENTRIES_A_STEP === 0) yield
  }
  const known = new Uint8Array(columns.length)
  for (const { index, path } of links) {
    if (placed[index] === 1 && !leadsSomewhere(index, columns, known)) {
      warnings.add(`${pathInWords(path)}: a symlink that leads nowhere in the torrent is left out`)
    }
    if (++count % ENTRIES_A_STEP === 0) yield
  }
  columns.dropLooseLinks()
}

/**
 * Follows a chain of symlinks; all of one that ends at nothing, or never, lose their targets.
 * @param known by entry, 1 for those that lead somewhere; 2 for those of the chain that is being followed
 */
function leadsSomewhere(link: number, columns: EntryColumns, known: Uint8Array): boolean {
  const chain: number[] = []
  let node = 2 * link
  while (isOpen(node, columns, known)) {
    known[node >> 1] = 2
    chain.push(node >> 1)
    node = columns.targetOf(node >> 1)
  }
  const isEnd = node !== NO_NODE && (columns.isFolder(node) || !columns.isLink(node >> 1))
  const isGood = isEnd || (node !== NO_NODE && known[node >> 1] === 1)
  for (const index of chain) {
    known[index] = isGood ? 1 : 0
    if (!isGood) columns.setTarget(index, NO_NODE)
  }
  return isGood
}

/** True for a symlink whose target is not resolved yet. */
function isOpen(node: number, columns: EntryColumns, known: Uint8Array): boolean {
  return node !== NO_NODE && !columns.isFolder(node) && columns.isLink(node >> 1) && known[node >> 1] === 0
}
