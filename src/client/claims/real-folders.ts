import { identityOf, realPlace } from '../real-place.js'

/** A folder as a user named it, and where it really is. */
export interface RealFolder {
  /** One path for all names of one folder. */
  readonly path: Promise<string>
  /** To be called once by each that used it. */
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
      folder = new UsedFolder(dir, {
        resolve: made => this.#resolve(made),
        unused: left => this.#forget(left),
      })
      this.#byName.set(dir, folder)
    }
    folder.users++
    return folder
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
    first.users++
    folder.base = first
    return await first.path
  }

  #forget(folder: UsedFolder): void {
    this.#byName.delete(folder.dir)
    if (folder.identity !== undefined) this.#byIdentity.delete(folder.identity)
    folder.base?.release()
  }
}

interface FolderHost {
  resolve(folder: UsedFolder): Promise<string>
  unused(folder: UsedFolder): void
}

/** One object for all its users: thousands of torrents may lie in a folder. */
class UsedFolder implements RealFolder {
  readonly dir: string
  readonly path: Promise<string>
  users = 0
  /** Device and inode, where this is the first name of the folder. */
  identity: string | undefined
  /** Its first name, where this is another. */
  base: UsedFolder | undefined
  readonly #host: FolderHost

  constructor(dir: string, host: FolderHost) {
    this.dir = dir
    this.#host = host
    this.path = host.resolve(this)
  }

  release(): void {
    if (--this.users === 0) this.#host.unused(this)
  }
}
