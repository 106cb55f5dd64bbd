// Under which names the content of a torrent lies, or comes to lie, on this disk: the one place that decides it.

import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Steps } from '../../../base/steps.js'
import { EntryTableBuilder } from '../../../protocol/metainfo/entry-table-builder.js'
import { inTurns } from '../../in-turns.js'
import { nearestFolder } from '../../real-place.js'
import type { StorageLayout, StorageOptions } from '../layout.js'
import { FolderListing } from './folder-listing.js'
import { MERGES_ALL, MERGES_NOTHING, type Merging } from './folding.js'
import { exists, FileSystemProbe, type NameProbe } from './name-probe.js'
import {
  earlierNames,
  fits,
  isWindowsName,
  type NameLimit,
  NamePlacer,
  type NameRules,
  POSIX_LIMIT,
  SHORTEST_LIMIT,
  UTF16_LIMIT,
} from './name-rules.js'
import {
  diskPath,
  hasOddNames,
  linksLast,
  type NamedLayout,
  type NamedNode,
  nameTree,
  oddChildren,
} from './name-tree.js'

/** Names that differ from the torrent's: by the path from the torrent's own name on, with `/`, the name on the disk. */
export type ChangedNames = ReadonlyMap<string, string>

export const NO_CHANGED_NAMES: ChangedNames = new Map()

export interface DiskNames<Layout extends NamedLayout = StorageLayout> {
  /** The layout with the names on the disk in the place of the torrent's; the one that was given where none differs. */
  readonly layout: Layout
  readonly changed: ChangedNames
}

/** Rules under which a file may have been written when nothing of it is remembered. */
const POSSIBLE_RULES: readonly NameRules[] = [
  { isWindows: true, limit: UTF16_LIMIT, merging: MERGES_ALL },
  { isWindows: false, limit: POSIX_LIMIT, merging: MERGES_ALL },
  { isWindows: false, limit: POSIX_LIMIT, merging: MERGES_NOTHING },
  { isWindows: false, limit: SHORTEST_LIMIT, merging: MERGES_NOTHING },
]

/** Some milliseconds of work, where folders are many and small. */
const NAMES_A_TURN = 1_024
const ENTRIES_A_STEP = 1_024

/**
 * Finds the names of a torrent's content on the disk. A file is looked for under the torrent's own name first, then under a
 * remembered name, then under the names that this program gives or gave in earlier versions. A missing file keeps its own name,
 * unless it is to be written and the file system cannot hold that name.
 *
 * For nearly all torrents the disk need not be read at all: only for names that some file system could not hold, or could confuse.
 */
export async function findDiskNames<Layout extends NamedLayout>(
  layout: Layout,
  options: StorageOptions,
  remembered: ChangedNames = NO_CHANGED_NAMES,
  probe: NameProbe = new FileSystemProbe(),
): Promise<DiskNames<Layout>> {
  if (remembered.size === 0 && !(await inTurns(hasOddNames(layout))))
    return { layout, changed: NO_CHANGED_NAMES }
  const root = await inTurns(nameTree(layout))
  const search = new NameSearch(options, remembered, probe)
  await search.nameAll(root, options.dir, '')
  if (!search.hasOtherNames) return { layout, changed: NO_CHANGED_NAMES }
  const content = root.children.get(layout.name)
  if (content === undefined) throw new Error('the tree has lost its root')
  return { layout: { ...layout, ...(await inTurns(renamed(layout, content))) }, changed: search.changed }
}

class NameSearch {
  /** Of what is there, and of what will be written. */
  readonly changed = new Map<string, string>()
  /** Also of what is only looked for in vain. */
  hasOtherNames = false
  readonly #missing = new Set<NamedNode>()
  #namedThisTurn = 0
  readonly #options: StorageOptions
  readonly #remembered: ChangedNames
  readonly #probe: NameProbe
  readonly #disk: AskedDisk

  constructor(options: StorageOptions, remembered: ChangedNames, probe: NameProbe) {
    this.#options = options
    this.#remembered = remembered
    this.#probe = probe
    this.#disk = new AskedDisk(probe, options.dir)
  }

  /** Names what is in a folder of the torrent, which lies at `at` if it is there. */
  async nameAll(folder: NamedNode, at: string, path: string): Promise<void> {
    this.#namedThisTurn += folder.children.size
    if (this.#namedThisTurn >= NAMES_A_TURN) {
      this.#namedThisTurn = 0
      await nextTurn()
    }
    const { odd, alike } = await inTurns(oddChildren(folder))
    if (odd.size > 0) {
      const place = new Place(folder, odd, await FolderListing.read(at))
      await place.findOwnNames()
      await place.findOtherNames(child => this.#remembered.get(pathTo(path, child)))
      await this.#nameAbsent(place, alike, at)
    }
    for (const child of folder.children.values()) {
      const childPath = pathTo(path, child)
      if (child.diskName !== child.name) {
        this.hasOtherNames = true
        if (!this.#missing.has(child)) this.changed.set(childPath, child.diskName)
      }
      if (child.children.size > 0) await this.nameAll(child, join(at, child.diskName), childPath)
    }
  }

  async #nameAbsent(place: Place, alike: ReadonlySet<NamedNode>, at: string): Promise<void> {
    const absent = place.unnamed
    if (absent.length === 0) return
    if (this.#options.mode === 'write') {
      await place.nameAll(absent, await this.#rulesFor(absent, alike))
      return
    }
    for (const child of absent) this.#missing.add(child)
    const hidden = new Set<NamedNode>()
    for (const child of absent) {
      // By the name of one that is not there a file system that merges names finds another.
      if (alike.has(child) && (await exists(join(at, child.name)))) hidden.add(child)
    }
    const { isWindows, usualLimit: limit } = this.#probe
    const visible = absent.filter(child => !hidden.has(child))
    await place.nameAll(visible, { isWindows, limit, merging: MERGES_NOTHING })
    await place.nameAll([...hidden], { isWindows, limit, merging: MERGES_ALL })
  }

  /** The rules of the file system, as far as they matter to these names. */
  async #rulesFor(things: readonly NamedNode[], alike: ReadonlySet<NamedNode>): Promise<NameRules> {
    const isLong = things.some(({ name }) => !fits(name, SHORTEST_LIMIT))
    const isForeign = things.some(({ name }) => !isWindowsName(name))
    const isAlike = things.some(thing => alike.has(thing))
    return {
      isWindows: isForeign && (await this.#disk.forbidsWindowsNames()),
      limit: isLong ? await this.#disk.limit() : UTF16_LIMIT,
      merging: isAlike ? await this.#disk.merging() : MERGES_NOTHING,
    }
  }
}

/** The file system on which the content lies or comes to lie, asked each thing once. */
class AskedDisk {
  readonly #probe: NameProbe
  readonly #dir: string
  #folder: Promise<string> | undefined
  #forbidsWindowsNames: Promise<boolean> | undefined
  #limit: Promise<NameLimit> | undefined
  #merging: Promise<Merging> | undefined

  constructor(probe: NameProbe, dir: string) {
    this.#probe = probe
    this.#dir = dir
  }

  async forbidsWindowsNames(): Promise<boolean> {
    const folder = await this.#existing()
    this.#forbidsWindowsNames ??= this.#probe.forbidsWindowsNames(folder)
    return await this.#forbidsWindowsNames
  }

  async limit(): Promise<NameLimit> {
    const folder = await this.#existing()
    this.#limit ??= this.#probe.limit(folder)
    return await this.#limit
  }

  async merging(): Promise<Merging> {
    const folder = await this.#existing()
    this.#merging ??= this.#probe.merging(folder)
    return await this.#merging
  }

  async #existing(): Promise<string> {
    this.#folder ??= nearestFolder(this.#dir)
    return await this.#folder
  }
}

/** One folder, while those of its children that are odd get their names. */
class Place {
  readonly #folder: NamedNode
  readonly #listing: FolderListing
  readonly #unnamed: Set<NamedNode>
  /** Names on the disk that belong to one of the children. */
  readonly #taken = new Set<string>()

  constructor(folder: NamedNode, odd: ReadonlySet<NamedNode>, listing: FolderListing) {
    this.#folder = folder
    this.#listing = listing
    this.#unnamed = new Set(linksLast(odd))
    for (const child of folder.children.values()) if (!odd.has(child)) this.#taken.add(child.name)
  }

  get unnamed(): NamedNode[] {
    return [...this.#unnamed]
  }

  /** Finds entries under the torrent's own names. */
  async findOwnNames(): Promise<void> {
    for (const child of this.#unnamed) if (this.#listing.take(child.name)) this.#give(child, child.name)
    for (const child of this.#unnamed) {
      if (this.#listing.isEmpty) return
      if (await this.#listing.takeAlike(child.name)) this.#give(child, child.name)
    }
  }

  /** Finds entries under names that were given to them. */
  async findOtherNames(remembered: (child: NamedNode) => string | undefined): Promise<void> {
    if (this.#listing.isEmpty || this.#unnamed.size === 0) return
    const children = linksLast(this.#folder.children.values())
    const namings = [await inTurns(earlierNames(children))]
    for (const rules of POSSIBLE_RULES) namings.push(await inTurns(new NamePlacer(rules).placeAll(children)))
    for (const child of this.#unnamed) {
      const names = [remembered(child), ...namings.map(naming => naming.get(child))]
      const found = names.find(
        name => name !== undefined && !this.#taken.has(name) && this.#listing.take(name),
      )
      if (found !== undefined) this.#give(child, found)
    }
  }

  /** Names for what is not there. */
  async nameAll(children: readonly NamedNode[], rules: NameRules): Promise<void> {
    const names = await inTurns(new NamePlacer(rules, this.#taken).placeAll(children))
    for (const [child, name] of names) this.#give(child, name)
  }

  #give(child: NamedNode, name: string): void {
    child.diskName = name
    this.#taken.add(name)
    this.#unnamed.delete(child)
  }
}

/** The layout's names in the place of which those on the disk come. */
function* renamed(
  { isFolder, entries }: NamedLayout,
  content: NamedNode,
): Steps<Pick<NamedLayout, 'name' | 'entries'>> {
  const builder = new EntryTableBuilder()
  const pathOf = (path: readonly string[]) => (isFolder ? diskPath(content, path) : [content.diskName])
  for (const entry of entries) {
    switch (entry.type) {
      case 'pad':
        builder.add(entry)
        break
      case 'symlink':
        builder.add({ ...entry, path: pathOf(entry.path), target: pathOf(entry.target) })
        break
      case 'file': {
        const { type, length, offset, isExecutable } = entry
        const hashes = { sha256: undefined, piecesRoot: undefined }
        builder.add({ type, path: pathOf(entry.path), length, offset, isExecutable, ...hashes })
      }
    }
    if (builder.length % ENTRIES_A_STEP === 0) yield
  }
  return { name: content.diskName, entries: builder.finish() }
}

function pathTo(path: string, { name }: NamedNode): string {
  return path === '' ? name : `${path}/${name}`
}
