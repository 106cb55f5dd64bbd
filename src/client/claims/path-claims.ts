import { basename, dirname, join, sep } from 'node:path'
import { toHex } from '../../base/bytes.js'
import { CodedError } from '../../base/errors.js'
import { Gate } from '../../base/gate.js'
import type { Info } from '../../protocol/metainfo/metainfo.js'
import type { StorageLayout, StorageOptions } from '../disk/layout.js'
import { foldedName, foldFor, type Merging } from '../disk/names/folding.js'
import { FileSystemProbe } from '../disk/names/name-probe.js'
import { inTurns } from '../in-turns.js'
import { nearestFolder, realPlace } from '../real-place.js'
import { type ContentPaths, findOverlap } from './overlap.js'
import { type RealFolder, RealFolders } from './real-folders.js'

export type ClaimErrorCode = 'path-taken'

/** Another torrent of the session has a path that this one needs. */
export class ClaimError extends CodedError<
  ClaimErrorCode,
  { readonly path: string; readonly name: string; readonly otherName: string }
> {}

/** A claim to all paths of a torrent's content, as they are on the disk. */
export interface ClaimRequest extends StorageOptions {
  readonly layout: Pick<StorageLayout, 'name' | 'isFolder' | 'entries'>
  /** The torrent, to name it in an error. */
  readonly info: Pick<Info, 'name' | 'infoHashV1' | 'infoHashV2'>
}

/** The paths of one torrent, until they are released, once. */
export interface PathClaim {
  release(): void
}

/**
 * The owners of paths in a session. A torrent that is written to shares none of its paths with another; torrents that are only
 * read may have the same ones.
 *
 * A claim costs an entry under its top-level name. Only torrents whose top-level file or folder lies at the same place, or one
 * within the other, are compared path by path.
 */
export class PathClaims {
  /** By folded real folder, then by folded top-level name in it. */
  readonly #byFolder = new Map<string, Map<string, Claim[]>>()
  /** The number of those folders at or below each folder. */
  readonly #foldersBelow = new Map<string, number>()
  readonly #folders = new RealFolders()
  readonly #probe: (folder: string) => Promise<Merging>
  /** Comparisons run one at a time, in the order of the claims. */
  readonly #gate = new Gate(1)
  #lastNumber = 0
  readonly #onReleased = (claim: Claim): void => this.#delete(claim)

  /** @param probe what the file system of an existing folder merges */
  constructor(probe = (folder: string): Promise<Merging> => new FileSystemProbe().merging(folder)) {
    this.#probe = probe
  }

  /**
   * Claims all paths of a content. Paths are compared as the file system compares names, after symlinks and relative paths are
   * resolved.
   * @throws {ClaimError} if another torrent has one of them, and one of the two is written to
   */
  async take(request: ClaimRequest): Promise<PathClaim> {
    const folder = this.#folders.use(request.dir)
    const root = await this.#rootOf(request, await folder.path)
    // From here to `#add` without a wait: of two claims, one sees the other.
    const claim = new Claim(++this.#lastNumber, request, { root, folder, onReleased: this.#onReleased })
    this.#add(claim)
    if (this.#rivals(claim).next().done) return claim
    try {
      await this.#gate.run(() => this.#compare(claim))
    } catch (error) {
      claim.release()
      throw error
    }
    return claim
  }

  async #rootOf({ mode, layout: { name } }: ClaimRequest, folder: string): Promise<Root> {
    if (mode === 'write') return { folder, name }
    // A symlink at the path itself is followed, but for reading only.
    const path = join(folder, name)
    const real = await realPlace(path)
    return real === path ? { folder, name } : { folder: dirname(real), name: basename(real) }
  }

  async #compare(claim: Claim): Promise<void> {
    const rivals = [...this.#rivals(claim)]
    let overlap = await inTurns(findOverlap(claim, rivals, foldedName))
    if (overlap !== undefined && !overlap.isExact) {
      // Alike, but perhaps not to this file system.
      const merging = await this.#probe(await nearestFolder(overlap.path.slice(0, -1).join(sep) || sep))
      overlap = await inTurns(findOverlap(claim, rivals, foldFor(merging)))
    }
    if (overlap === undefined) return
    const { info } = claim
    const other = overlap.other.info
    const path = overlap.path.join(sep)
    const message = `${label(info)}: ${path} belongs to another torrent of this session, ${label(other)}: choose another folder for one of them`
    throw new ClaimError('path-taken', message, { path, name: info.name, otherName: other.name })
  }

  /** The claims before this one that may not share a path with it, as far as their top-level names tell. */
  *#rivals(claim: Claim): Generator<Claim> {
    for (const other of this.#nearby(claim)) {
      const isWritten = claim.mode === 'write' || other.mode === 'write'
      if (isWritten && other.number < claim.number) yield other
    }
  }

  /** The claims at the same top-level path, above it and below it. */
  *#nearby(claim: Claim): Generator<Claim> {
    const { folderKey, nameKey } = claim
    const rootKey = `${folderKey}/${nameKey}`
    yield* this.#byFolder.get(folderKey)?.get(nameKey) ?? []
    if (this.#byFolder.size === 1) return
    for (let below = folderKey; ; ) {
      const [above, name] = splitKey(below)
      if (above === undefined) break
      yield* this.#byFolder.get(above)?.get(name) ?? []
      below = above
    }
    if (!this.#foldersBelow.has(rootKey)) return
    for (const [folder, names] of this.#byFolder) {
      if (folder === rootKey || folder.startsWith(`${rootKey}/`))
        for (const some of names.values()) yield* some
    }
  }

  #add(claim: Claim): void {
    const { folderKey, nameKey } = claim
    let names = this.#byFolder.get(folderKey)
    if (names === undefined) {
      names = new Map()
      this.#byFolder.set(folderKey, names)
      this.#countFolder(folderKey, 1)
    }
    const claims = names.get(nameKey)
    if (claims === undefined) names.set(nameKey, [claim])
    else claims.push(claim)
  }

  #delete(claim: Claim): void {
    const { folderKey, nameKey } = claim
    const names = this.#byFolder.get(folderKey)
    const claims = names?.get(nameKey)
    if (names === undefined || claims === undefined) return
    const rest = claims.filter(other => other !== claim)
    if (rest.length > 0) names.set(nameKey, rest)
    else names.delete(nameKey)
    if (names.size > 0 || !this.#byFolder.delete(folderKey)) return
    this.#countFolder(folderKey, -1)
  }

  #countFolder(folderKey: string, change: 1 | -1): void {
    for (let at: string | undefined = folderKey; at !== undefined; [at] = splitKey(at)) {
      const count = (this.#foldersBelow.get(at) ?? 0) + change
      if (count > 0) this.#foldersBelow.set(at, count)
      else this.#foldersBelow.delete(at)
    }
  }
}

/** The real place of a content's file or folder; torrents in one folder share its string. */
interface Root {
  readonly folder: string
  readonly name: string
}

interface ClaimPlace {
  readonly root: Root
  readonly folder: RealFolder
  readonly onReleased: (claim: Claim) => void
}

/** Kept as long as the torrent is: of the request only what is compared and told. */
class Claim implements ContentPaths, PathClaim {
  readonly number: number
  readonly mode: ClaimRequest['mode']
  readonly layout: ClaimRequest['layout']
  readonly info: ClaimRequest['info']
  readonly #root: Root
  readonly #folder: RealFolder
  readonly #onReleased: (claim: Claim) => void

  constructor(number: number, { mode, layout, info }: ClaimRequest, place: ClaimPlace) {
    this.number = number
    this.mode = mode
    this.layout = layout
    this.info = info
    this.#root = place.root
    this.#folder = place.folder
    this.#onReleased = place.onReleased
  }

  release(): void {
    this.#onReleased(this)
    this.#folder.release()
  }

  get root(): readonly string[] {
    const { folder, name } = this.#root
    return join(folder, name).split(sep)
  }

  get folderKey(): string {
    return keyOf(this.#root.folder)
  }

  get nameKey(): string {
    return keyOf(this.#root.name)
  }
}

function keyOf(path: string): string {
  return foldedName(sep === '/' ? path : path.replaceAll(sep, '/')).replace(/\/$/, '')
}

/** The folder above, and the name in it; no folder for the root. */
function splitKey(key: string): [above: string | undefined, name: string] {
  const slash = key.lastIndexOf('/')
  return slash < 0 ? [undefined, key] : [key.slice(0, slash), key.slice(slash + 1)]
}

/** Two torrents may have one name: the beginning of the info hash tells them apart. */
function label({ name, infoHashV1, infoHashV2 }: ClaimRequest['info']): string {
  return `${name} (${toHex((infoHashV1 ?? infoHashV2 ?? new Uint8Array(0)).subarray(0, 4))})`
}
