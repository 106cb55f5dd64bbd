import { MetainfoError } from '../metainfo-error.js'
import { DistinctNames, harmlessName } from './true-names.js'

/** Each costs a few hundred bytes of memory and, in the end, a folder on disk. */
const MAX_FOLDERS = 2 ** 19

/** A folder of the torrent: what its raw names stand for, and which names are taken. */
export class Folder {
  readonly type = 'folder'
  readonly children = new Map<string, Placed>()
  readonly names = new DistinctNames()
  /** False where only symlinks are in it, so that without them it would not be there. */
  readonly holdsFiles: boolean
  readonly #parent: Folder | undefined
  readonly #name: string

  constructor(holdsFiles: boolean, parent?: Folder, name = '') {
    this.holdsFiles = holdsFiles
    this.#parent = parent
    this.#name = name
  }

  /** Made when it is asked for: there may be many folders, each with many above it. */
  get path(): readonly string[] {
    const path: string[] = []
    for (let at: Folder = this; at.#parent !== undefined; at = at.#parent) path.push(at.#name)
    return path.reverse()
  }
}

/** A file with its path; of two with the same raw path, the first. */
interface PlacedFile {
  readonly type: 'file'
  readonly path: readonly string[]
}

/** A symlink with its path; where it leads is found once everything has its place. */
export interface PlacedLink {
  readonly type: 'symlink'
  readonly path: readonly string[]
  /** What it leads to; undefined where that is not in the torrent. */
  target: Placed | undefined
}

export type Placed = Folder | PlacedFile | PlacedLink

/** The raw paths of a torrent, each with a path of its own below the content's folder. Files are placed before symlinks. */
export class ContentTree {
  readonly #root = new Folder(true)
  readonly #keepsFiles: boolean
  #folderCount = 0

  /** @param keepsFiles whether `find` is going to be asked for files */
  constructor(keepsFiles: boolean) {
    this.#keepsFiles = keepsFiles
  }

  /** The path of a file. */
  placeFile(rawPath: readonly string[]): readonly string[] {
    const { folder, name } = this.#placeOf(rawPath, true)
    // Not spread: an array that grows keeps room for more, in each of 100,000 paths.
    const path = folder.path.concat(folder.names.take(harmlessName(name), 'file'))
    if (this.#keepsFiles && !folder.children.has(name)) folder.children.set(name, { type: 'file', path })
    return path
  }

  /** A symlink takes only a name that is free; undefined where it is taken. */
  placeLink(rawPath: readonly string[]): PlacedLink | undefined {
    const { folder, name } = this.#placeOf(rawPath, false)
    const ownName = harmlessName(name)
    if (folder.children.has(name) || !folder.names.takeExactly(ownName)) return undefined
    const link: PlacedLink = { type: 'symlink', path: [...folder.path, ownName], target: undefined }
    folder.children.set(name, link)
    return link
  }

  /** What a raw path, with `..` in it, stands for; undefined where it leaves the torrent or finds nothing. */
  find(rawPath: readonly string[]): Placed | undefined {
    const names: string[] = []
    for (const name of rawPath) {
      if (name === '..') {
        if (names.pop() === undefined) return undefined
      } else if (name !== '.' && name !== '') {
        names.push(name)
      }
    }
    let at: Placed | undefined = this.#root
    for (const name of names) at = at?.type === 'folder' ? at.children.get(name) : undefined
    const isNothing = at === this.#root || (at?.type === 'folder' && !at.holdsFiles)
    return isNothing ? undefined : at
  }

  /** The folder in which the last component of a raw path lies, made where it is new. */
  #placeOf(rawPath: readonly string[], isFile: boolean): { folder: Folder; name: string } {
    let folder = this.#root
    for (const name of rawPath.slice(0, -1)) {
      const known = folder.children.get(name)
      if (known?.type === 'folder') {
        folder = known
        continue
      }
      if (++this.#folderCount > MAX_FOLDERS) {
        throw MetainfoError.at('info', 'too-large', `has more than ${MAX_FOLDERS} folders`)
      }
      const made = new Folder(isFile, folder, folder.names.take(harmlessName(name), 'folder'))
      // From now on the raw name stands for the folder, also where a file bears it too.
      folder.children.set(name, made)
      folder = made
    }
    return { folder, name: rawPath.at(-1) ?? '' }
  }
}
