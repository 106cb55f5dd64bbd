import type { Steps } from '../../base/steps.js'
import type { StorageLayout } from '../disk/layout.js'

/** The paths that a torrent takes up: those of its files and symlinks, and the folders that lead to them. Pads take none. */
export interface ContentPaths {
  /** Components of the real path of the file, or of the content's folder. */
  readonly root: readonly string[]
  readonly layout: Pick<StorageLayout, 'isFolder' | 'entries'>
}

/** Two torrents want one path: for a file each, or for a file and a folder. */
export interface Overlap<Other> {
  readonly other: Other
  /** Components of the path, as the first of the two names it. */
  readonly path: readonly string[]
  /** True if both names are the same before folding. */
  readonly isExact: boolean
}

/** Some milliseconds of work. */
const ENTRIES_A_STEP = 4_096

type Fold = (name: string) => string

/**
 * The first path that two torrents can't both have. Torrents with separate roots cost nothing.
 * @param fold equal for names that count as one
 */
export function* findOverlap<Other extends ContentPaths>(
  mine: ContentPaths,
  others: Iterable<Other>,
  fold: Fold,
): Steps<Overlap<Other> | undefined> {
  const indices = new Map<number, PathIndex>()
  for (const other of others) {
    const depth = Math.min(mine.root.length, other.root.length)
    if (!isSamePrefix(mine.root, other.root, depth, fold)) continue
    let index = indices.get(depth)
    if (index === undefined) {
      index = yield* indexOf(mine, depth, fold)
      indices.set(depth, index)
    }
    const isExactBase = isSamePrefix(mine.root, other.root, depth, name => name)
    let read = 0
    for (const leaf of leavesBelow(other, depth)) {
      if (++read % ENTRIES_A_STEP === 0) yield
      const met = index.meet(leaf)
      if (met === undefined) continue
      const path = [...mine.root.slice(0, depth), ...(met.path === '' ? [] : met.path.split('/'))]
      return { other, path, isExact: isExactBase && met.isExact }
    }
  }
  return undefined
}

/** The paths of one torrent, below a folder that it shares with others. */
class PathIndex {
  readonly #fold: Fold
  /** Paths as they are, by their folded form. */
  readonly #leaves = new Map<string, string>()
  readonly #folders = new Map<string, string>()

  constructor(fold: Fold) {
    this.#fold = fold
  }

  add(leaf: string): void {
    const key = this.#fold(leaf)
    this.#leaves.set(key, leaf)
    // If a folder is known, those above it are.
    for (let [folder, at] = [key, leaf]; folder !== ''; ) {
      folder = parentOf(folder)
      at = parentOf(at)
      if (this.#folders.has(folder)) break
      this.#folders.set(folder, at)
    }
  }

  /** The path that conflicts with a file at `leaf`. */
  meet(leaf: string): { path: string; isExact: boolean } | undefined {
    let key = this.#fold(leaf)
    const taken = this.#leaves.get(key) ?? this.#folders.get(key)
    if (taken !== undefined) return { path: taken, isExact: taken === leaf }
    for (let at = leaf; key !== ''; ) {
      key = parentOf(key)
      at = parentOf(at)
      const file = this.#leaves.get(key)
      if (file !== undefined) return { path: file, isExact: file === at }
    }
    return undefined
  }
}

function* indexOf(content: ContentPaths, depth: number, fold: Fold): Steps<PathIndex> {
  const index = new PathIndex(fold)
  let read = 0
  for (const leaf of leavesBelow(content, depth)) {
    index.add(leaf)
    if (++read % ENTRIES_A_STEP === 0) yield
  }
  return index
}

/** The files and symlinks, counted from the folder that is `depth` components deep; empty where that is the file itself. */
function* leavesBelow({ root, layout }: ContentPaths, depth: number): Generator<string> {
  const prefix = root.slice(depth)
  if (!layout.isFolder) {
    yield prefix.join('/')
    return
  }
  for (const entry of layout.entries) if (entry.type !== 'pad') yield prefix.concat(entry.path).join('/')
}

function isSamePrefix(a: readonly string[], b: readonly string[], depth: number, fold: Fold): boolean {
  for (let level = depth - 1; level >= 0; level--) {
    if (fold(a[level] ?? '') !== fold(b[level] ?? '')) return false
  }
  return true
}

/** Folding neither makes slashes nor takes them away. */
function parentOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash < 0 ? '' : path.slice(0, slash)
}
