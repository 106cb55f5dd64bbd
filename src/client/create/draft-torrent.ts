import { buildMetainfoInSteps } from '../../protocol/metainfo/build.js'
import type { NamedNode, TorrentVersion } from '../../protocol/metainfo/metainfo.js'
import { choosePaddedPieceLength, choosePieceLength } from '../../protocol/metainfo/piece-length.js'
import { type ContentPlan, planContentInSteps, type SourceFile } from '../../protocol/metainfo/plan.js'
import { nodeDigests } from '../digests.js'
import { DiskPool } from '../disk/disk-pool.js'
import type { HiddenCount, ScannedItem } from '../disk/scan-messages.js'
import { inTurns } from '../in-turns.js'
import { type HashPlan, hashContent } from './hash-content.js'
import { namesToChange } from './portable-names.js'
import { scanContent } from './scan-content.js'

export interface DraftOptions {
  /** Name of the content; that of the path where it is left out. */
  readonly name?: string | undefined
  readonly version: TorrentVersion
  /** Bytes; chosen by the size of the content where it is left out. */
  readonly pieceLength?: number | undefined
  readonly isPrivate: boolean
  readonly source?: string | undefined
  /** Globs of what is left out. */
  readonly exclude: readonly string[]
  readonly includeHidden: boolean
  readonly followSymlinks: boolean
  /** True to include the flat SHA-256 of each file. */
  readonly checksums: boolean
  /** BEP 12 */
  readonly trackers: readonly (readonly string[])[]
  readonly webSeeds: readonly string[]
  /** BEP 5 */
  readonly nodes: readonly NamedNode[]
  readonly comment?: string | undefined
  readonly createdBy?: string | undefined
  /** Seconds since 1970. */
  readonly creationDate?: number | undefined
}

export interface WorkOptions {
  readonly signal: AbortSignal
  /** Bytes. */
  onProgress(done: number, total: number): void
}

/** A torrent that is laid out and not hashed yet. */
export interface TorrentDraft extends Omit<ContentPlan, 'sourceIndexOfEntry' | 'isPrivate' | 'source'> {
  /** Entries that were left out, and names that other platforms cannot hold: one line each. */
  readonly warnings: readonly string[]
  readonly hidden: HiddenCount
  /** Hashes the content; gives the bytes of the .torrent. Rejects with the signal's reason once aborted. */
  build(options: WorkOptions): Promise<Uint8Array>
}

/**
 * Scans a file or a folder and lays out a torrent of it.
 * @throws {import('../disk/disk-error.js').DiskError}
 * @throws {import('../../protocol/metainfo/metainfo-error.js').MetainfoError} where it can make none
 */
export async function draftTorrent(path: string, options: DraftOptions): Promise<TorrentDraft> {
  const { exclude, includeHidden, followSymlinks } = options
  const { isFolder, root, name, items, warnings, hidden } = await scanContent(path, {
    exclude,
    includeHidden,
    followSymlinks,
  })
  const steps = planContentInSteps({
    name: options.name ?? name,
    isFolder,
    version: options.version,
    pieceLength: options.pieceLength ?? pieceLengthFor(options.version, items),
    isPrivate: options.isPrivate,
    source: options.source,
    files: items.map(sourceOf),
  })
  const plan = await inTurns(steps)
  const timed = { ...plan, mtimesNs: mtimesOf(plan, items) }
  const renamed = await inTurns(namesToChange(plan))
  return {
    ...plan,
    hidden,
    warnings: renamed === undefined ? warnings : [...warnings, renamed],
    build: work => build(timed, root, options, work),
  }
}

async function build(
  plan: HashPlan & ContentPlan,
  root: string,
  options: DraftOptions,
  work: WorkOptions,
): Promise<Uint8Array> {
  await using pool = new DiskPool()
  const { checksums, trackers, webSeeds, nodes, comment, createdBy, creationDate } = options
  const hashes = await hashContent(plan, root, { pool, checksums, ...work })
  const announcement = { trackers, webSeeds, nodes, comment, createdBy, creationDate }
  return await inTurns(buildMetainfoInSteps(plan, hashes, announcement, nodeDigests))
}

function pieceLengthFor(version: TorrentVersion, items: readonly ScannedItem[]): number {
  const lengths = items.map(item => (item.type === 'file' ? item.length : 0))
  // A single file has no pads.
  if (version === 'hybrid' && lengths.length > 1) return choosePaddedPieceLength(lengths)
  return choosePieceLength(lengths.reduce((sum, length) => sum + length, 0))
}

/** By entry. In a function of its own, so that the draft does not keep what was scanned. */
function mtimesOf({ sourceIndexOfEntry }: ContentPlan, items: readonly ScannedItem[]): BigInt64Array {
  const mtimesNs = new BigInt64Array(sourceIndexOfEntry.length)
  for (const [entry, index] of sourceIndexOfEntry.entries()) {
    const item = items[index ?? -1]
    if (item?.type === 'file') mtimesNs[entry] = item.mtimeNs
  }
  return mtimesNs
}

function sourceOf(item: ScannedItem): SourceFile {
  return item.type === 'file'
    ? { type: 'file', path: item.path, length: item.length, isExecutable: item.isExecutable }
    : { type: 'symlink', path: item.path, target: item.target }
}
