import type { Steps } from '../../../base/steps.js'
import type { StorageLayout } from '../layout.js'
import { foldedName } from './folding.js'
import { fits, type NamedThing, SHORTEST_LIMIT } from './name-rules.js'
import { RESERVED, safeName } from './safe-names.js'

/** The parts of a layout that say how its files are named. */
export type NamedLayout = Pick<StorageLayout, 'name' | 'isFolder' | 'entries'>

/** Some milliseconds of work. */
const ENTRIES_A_STEP = 1_024

/** Matches most names: short ones, of characters that every file system takes. Device names of Windows are tested separately. */
const ORDINARY = /^[\w !#-)+,\-.;=@[\]^`{}~]{0,46}[\w!#-)+,\-;=@[\]^`{}~]$/

/** A file, folder or symlink of a torrent, and the name that it has on the disk. */
export class NamedNode implements NamedThing {
  readonly name: string
  readonly kind: NamedThing['kind']
  /** By their own names; only folders have some. */
  readonly children = new Map<string, NamedNode>()
  diskName: string

  constructor(name: string, kind: NamedThing['kind']) {
    this.name = name
    this.kind = kind
    this.diskName = name
  }
}

/** True if some file system, or an earlier version of this program, would change a name. */
function isOddName(name: string): boolean {
  if (ORDINARY.test(name)) return RESERVED.test(name)
  return !fits(name, SHORTEST_LIMIT) || safeName(name) !== name
}

/** True if a torrent has odd names, or names that some file system merges. Otherwise the disk need not be read. */
export function* hasOddNames({ name, isFolder, entries }: NamedLayout): Steps<boolean> {
  if (isOddName(name)) return true
  if (!isFolder) return false
  const names = new FoldedPaths()
  let index = 0
  for (const entry of entries) {
    if (++index % ENTRIES_A_STEP === 0) yield
    if (entry.type === 'pad') continue
    const { path } = entry
    if (names.isAlike(path) || isOddName(path.at(-1) ?? '')) return true
    // Files of one folder mostly follow one another.
    if (names.isInNewFolder && path.some(isOddName)) return true
  }
  return false
}

/** Paths that have come, to notice two that are one to a file system which merges names. */
class FoldedPaths {
  readonly #files = new Set<string>()
  /** Folders as they are, by their folded path. */
  readonly #folders = new Map<string, string>()
  #lastFolder: string | undefined
  /** Of the path that came last: whether it lies in another folder than the one before. */
  isInNewFolder = false

  isAlike(path: readonly string[]): boolean {
    const whole = path.join('/')
    const folder = whole.slice(0, Math.max(0, whole.lastIndexOf('/')))
    const file = foldedName(whole)
    if (this.#files.has(file) || this.#folders.has(file)) return true
    this.#files.add(file)
    this.isInNewFolder = folder !== this.#lastFolder
    this.#lastFolder = folder
    return this.isInNewFolder && this.#isFolderAlike(folder)
  }

  #isFolderAlike(folder: string): boolean {
    for (let at = folder; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('/')))) {
      const key = foldedName(at)
      const known = this.#folders.get(key)
      if (known === at) return false
      if (known !== undefined || this.#files.has(key)) return true
      this.#folders.set(key, at)
    }
    return false
  }
}

/** The files, folders and symlinks of a torrent as a tree below the folder that holds its content. */
export function* nameTree({ name, isFolder, entries }: NamedLayout): Steps<NamedNode> {
  const root = new NamedNode('', 'folder')
  const content = new NamedNode(name, isFolder ? 'folder' : 'file')
  root.children.set(name, content)
  if (!isFolder) return root
  let index = 0
  for (const entry of entries) {
    if (++index % ENTRIES_A_STEP === 0) yield
    if (entry.type === 'pad') continue
    let folder = content
    for (const component of entry.path.slice(0, -1)) {
      let next = folder.children.get(component)
      if (next === undefined) {
        next = new NamedNode(component, 'folder')
        folder.children.set(component, next)
      }
      folder = next
    }
    const last = entry.path.at(-1) ?? ''
    folder.children.set(last, new NamedNode(last, entry.type))
  }
  return root
}

/** The children whose names may not be the ones on the disk: odd ones, and those that are alike. */
export function* oddChildren({ children }: NamedNode): Steps<OddChildren> {
  const byFolded = new Map<string, NamedNode>()
  const alike = new Set<NamedNode>()
  const odd = new Set<NamedNode>()
  let index = 0
  for (const child of children.values()) {
    if (++index % ENTRIES_A_STEP === 0) yield
    if (isOddName(child.name)) odd.add(child)
    const key = foldedName(child.name)
    const twin = byFolded.get(key)
    if (twin === undefined) byFolded.set(key, child)
    else
      for (const one of [twin, child]) {
        alike.add(one)
        odd.add(one)
      }
  }
  return { odd, alike }
}

interface OddChildren {
  readonly odd: ReadonlySet<NamedNode>
  /** Those of them that some file system takes for one another. */
  readonly alike: ReadonlySet<NamedNode>
}

/** Symlinks last, so that none takes a name from a file. */
export function linksLast(nodes: Iterable<NamedNode>): NamedNode[] {
  return [...nodes].sort((a, b) => Number(a.kind === 'symlink') - Number(b.kind === 'symlink'))
}

/** The path on the disk of something in the content's folder. */
export function diskPath(content: NamedNode, path: readonly string[]): string[] {
  const names: string[] = []
  let at: NamedNode | undefined = content
  for (const component of path) {
    at = at?.children.get(component)
    names.push(at?.diskName ?? component)
  }
  return names
}
