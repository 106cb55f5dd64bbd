import { identityOf, realPlace } from '../real-place.js'

/** A folder as a user named it, and where it really is. */
export interface RealFolder {
  /** One path for all names of one folder. */
  readonly path: Promise<string>
  release(): void
}

/** Folders in use, each resolved once: by symlinks and, for those that are mounted at several places, by device and inode. */
export class RealFolders {
  readonly #byName = new Map<string, UsedFolder>()
  readonly #byIdentity = new Map<string, UsedFolder>()

  /** @param dir absolute */
  use(dir: string): RealFolder {
    let folder = this.#byName.get(dir)
    if (folder === undefined) {
      folder = new UsedFolder(dir, made => this.#resolve(made))
      this.#byName.set(dir, folder)
    }
    return this.#used(folder)
  }

  #used(folder: UsedFolder): RealFolder {
    folder.users++
    return { path: folder.path, release: () => this.#leave(folder) }
  }

  async #resolve(folder: UsedFolder): Promise<string> {
    const path = await realPlace(folder.dir)
    const identity = await identityOf(path)
    if (identity === undefined) return path
    const first = this.#byIdentity.get(identity)
    if (first === undefined) {
      folder.identity = identity
      this.#byIdentity.set(identity, folder)
      return path
    }
    folder.base = this.#used(first)
    return await first.path
  }

  #leave(folder: UsedFolder): void {
    if (--folder.users > 0) return
    this.#byName.delete(folder.dir)
    if (folder.identity !== undefined) this.#byIdentity.delete(folder.identity)
    folder.base?.release()
  }
}

class UsedFolder {
  readonly dir: string
  readonly path: Promise<string>
  users = 0
  /** Device and inode, where this is the first name of the folder. */
  identity: string | undefined
  /** Its first name, where this is another. */
  base: RealFolder | undefined

  constructor(dir: string, resolve: (folder: UsedFolder) => Promise<string>) {
    this.dir = dir
    this.path = resolve(this)
  }
}
