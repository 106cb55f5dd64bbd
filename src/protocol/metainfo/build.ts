// The second half of making a torrent: BEP 3, 5, 12, 19, 27, 47 and 52, as bytes. The same plan, hashes and options
// always make the same bytes.

import { toHex } from '../../base/bytes.js'
import type { Steps } from '../../base/steps.js'
import { type BencodeInput, Deferred, encodeBencodeInSteps } from '../bencode/encode.js'
import { type Digests, SHA1_LENGTH } from '../digests.js'
import { HASH_LENGTH, rootOfPieceLayerInSteps } from '../merkle.js'
import type { ContentEntry, FileEntry, NamedNode } from './metainfo.js'
import { MetainfoError } from './metainfo-error.js'
import type { ContentPlan } from './plan.js'

export interface ContentHashes {
  /** SHA-1 of each piece, 20 bytes each, pads as zeros: v1 and hybrid. */
  readonly pieces?: Uint8Array | undefined
  /** Hash of each piece as BEP 52 has it, 32 bytes each: v2 and hybrid. */
  readonly pieceRoots?: Uint8Array | undefined
  /** By index of the entry, SHA-256 of whole files (32 bytes), for those that shall have it. */
  readonly fileSha256?: Pick<ReadonlyMap<number, Uint8Array>, 'get'> | undefined
}

export interface AnnouncementOptions {
  /** By tier. */
  readonly trackers: readonly (readonly string[])[]
  readonly webSeeds: readonly string[]
  readonly nodes: readonly NamedNode[]
  readonly comment?: string | undefined
  readonly createdBy?: string | undefined
  /** Seconds since 1970. */
  readonly creationDate?: number | undefined
}

type Dictionary = Map<string | Uint8Array, BencodeInput | undefined>

/**
 * The bytes of a .torrent; in steps, since the trees of a million pieces, or a list of 100,000 files, take seconds.
 * @throws {MetainfoError} where hashes are missing or do not fit the plan
 */
export function* buildMetainfoInSteps(
  plan: ContentPlan,
  hashes: ContentHashes,
  options: AnnouncementOptions,
  digests: Digests,
): Steps<Uint8Array> {
  const urls = options.trackers.flat()
  const { webSeeds, nodes } = options
  const roots = plan.version === 'v1' ? undefined : yield* pieceRoots(plan, hashes.pieceRoots, digests)
  return yield* encodeBencodeInSteps(
    new Map<string, BencodeInput | undefined>([
      ['announce', urls[0]],
      ['announce-list', urls.length > 1 ? options.trackers.filter(tier => tier.length > 0) : undefined],
      ['comment', options.comment],
      ['created by', options.createdBy],
      ['creation date', options.creationDate],
      ['info', infoOf(plan, hashes, roots)],
      ['nodes', nodes.length > 0 ? nodes.map(({ host, port }) => [host, port]) : undefined],
      ['piece layers', roots?.layers],
      ['url-list', webSeeds.length > 1 ? webSeeds : webSeeds[0]],
    ]),
  )
}

function infoOf(plan: ContentPlan, hashes: ContentHashes, roots: PieceRoots | undefined): Dictionary {
  const isV1 = plan.version !== 'v2'
  const info: Dictionary = new Map<string, BencodeInput | undefined>([
    ['name', plan.name],
    ['piece length', plan.pieceLength],
    ['private', plan.isPrivate ? 1 : undefined],
    ['source', plan.source],
  ])
  // A hybrid has the flat hashes in its file tree, once.
  const flatHashes = plan.version === 'v1' ? hashes.fileSha256 : undefined
  if (isV1) {
    info.set('pieces', checkedHashes('pieces', hashes.pieces, plan.pieceCount, SHA1_LENGTH))
    if (plan.isFolder)
      info.set(
        'files',
        plan.entries.map((entry, i) => new Deferred(() => fileOfV1(entry, flatHashes?.get(i)))),
      )
    else for (const [key, value] of singleFileOfV1(plan.entries[0], flatHashes?.get(0))) info.set(key, value)
  }
  if (roots !== undefined) {
    info.set('meta version', 2)
    info.set('file tree', fileTree(plan.entries, roots, hashes.fileSha256))
  }
  return info
}

function fileOfV1(entry: ContentEntry, sha256: Uint8Array | undefined): Dictionary {
  return new Map<string, BencodeInput | undefined>([
    ['attr', attrOf(entry)],
    ['length', entry.length],
    ['path', entry.path],
    ['sha256', sha256],
    ['symlink path', entry.type === 'symlink' ? entry.target : undefined],
  ])
}

function singleFileOfV1(entry: ContentEntry | undefined, sha256: Uint8Array | undefined): Dictionary {
  return new Map<string, BencodeInput | undefined>([
    ['attr', entry && attrOf(entry)],
    ['length', entry?.length],
    ['sha256', sha256],
  ])
}

function fileTree(
  entries: readonly ContentEntry[],
  roots: PieceRoots,
  flatHashes: ContentHashes['fileSha256'],
): Dictionary {
  const tree: Dictionary = new Map()
  const folders = new Map<string, Dictionary>()
  for (const [i, entry] of entries.entries()) {
    if (entry.type === 'pad') continue
    const name = entry.path.at(-1) ?? ''
    const folder = folderAt(tree, folders, entry.path.slice(0, -1))
    const leaf = () => new Map([['', leafOf(entry, roots, flatHashes?.get(i))]])
    folder.set(name, new Deferred(leaf))
  }
  return tree
}

/** BEP 52: a symlink has no length, as that would make it a file. */
function leafOf(entry: ContentEntry, roots: PieceRoots, sha256: Uint8Array | undefined): Dictionary {
  if (entry.type === 'symlink') {
    return new Map<string, BencodeInput>([
      ['attr', 'l'],
      ['symlink path', entry.target],
    ])
  }
  return new Map<string, BencodeInput | undefined>([
    ['attr', attrOf(entry)],
    ['length', entry.length],
    ['pieces root', entry.type === 'file' ? roots.rootOf(entry) : undefined],
    ['sha256', sha256],
  ])
}

function folderAt(tree: Dictionary, folders: Map<string, Dictionary>, path: readonly string[]): Dictionary {
  let folder = tree
  let key = ''
  for (const name of path) {
    key += `/${name}`
    let next = folders.get(key)
    if (next === undefined) {
      next = new Map()
      folders.set(key, next)
      folder.set(name, next)
    }
    folder = next
  }
  return folder
}

function attrOf(entry: ContentEntry): string | undefined {
  switch (entry.type) {
    case 'pad':
      return 'p'
    case 'symlink':
      return 'l'
    case 'file':
      return entry.isExecutable ? 'x' : undefined
  }
}

/** The hashes of all pieces, read as the roots of files and the layers of those longer than one piece. */
interface PieceRoots {
  /** By pieces root: what stands under `piece layers`. */
  readonly layers: Dictionary
  rootOf(file: FileEntry): Uint8Array | undefined
}

const LAYERS_A_STEP = 256

function* pieceRoots(
  { entries, pieceCount, pieceLength }: ContentPlan,
  given: Uint8Array | undefined,
  digests: Digests,
): Steps<PieceRoots> {
  const hashes = checkedHashes('piece roots', given, pieceCount, HASH_LENGTH)
  const layers: Dictionary = new Map()
  const known = new Set<string>()
  /** By the offset of a file longer than one piece. */
  const rootAt = new Map<number, Uint8Array>()
  const layerOf = ({ offset, length }: FileEntry) => {
    const first = offset / pieceLength
    return hashes.subarray(first * HASH_LENGTH, (first + Math.ceil(length / pieceLength)) * HASH_LENGTH)
  }
  for (const entry of entries) {
    if (entry.type !== 'file' || entry.length <= pieceLength) continue
    const layer = layerOf(entry)
    const root = yield* rootOfPieceLayerInSteps(layer, pieceLength, digests)
    rootAt.set(entry.offset, root)
    if (rootAt.size % LAYERS_A_STEP === 0) yield
    // Files of the same content share one layer.
    if (known.has(toHex(root))) continue
    known.add(toHex(root))
    layers.set(root, layer)
  }
  return {
    layers,
    rootOf: file =>
      file.length > pieceLength ? rootAt.get(file.offset) : file.length > 0 ? layerOf(file) : undefined,
  }
}

function checkedHashes(
  key: string,
  given: Uint8Array | undefined,
  count: number,
  hashLength: number,
): Uint8Array {
  const hashes = given ?? new Uint8Array(0)
  if (hashes.length !== count * hashLength) {
    const what = `must be ${count} hashes of ${hashLength} bytes, is ${hashes.length} bytes`
    throw MetainfoError.at(key, 'inconsistent', what)
  }
  return hashes
}
