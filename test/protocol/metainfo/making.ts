// Torrents made in memory: content in, bytes of a .torrent out. Every hash is computed straight from the definition.

import { concatBytes } from '../../../src/base/bytes.js'
import { nodeDigests } from '../../../src/client/digests.js'
import type { Digests } from '../../../src/protocol/digests.js'
import type { AnnouncementOptions } from '../../../src/protocol/metainfo/build.js'
import { BLOCK_LENGTH, type TorrentVersion } from '../../../src/protocol/metainfo/metainfo.js'
import { PieceMap } from '../../../src/protocol/metainfo/piece-map.js'
import type { ContentPlan, SourceFile } from '../../../src/protocol/metainfo/plan.js'
import { buildMetainfo, planContent, rootOfPiece } from '../../support/in-one-go.js'

/** Plain arrays rather than buffers, which `deepEqual` takes for something else. */
export const digests: Digests = {
  ...nodeDigests,
  sha1: bytes => new Uint8Array(nodeDigests.sha1(bytes)),
  sha256: bytes => new Uint8Array(nodeDigests.sha256(bytes)),
}

export interface MadeFile {
  readonly path: readonly string[]
  readonly bytes: Uint8Array
  readonly isExecutable?: boolean
}

export interface Making {
  readonly version?: TorrentVersion
  readonly pieceLength?: number
  readonly name?: string
  readonly isFolder?: boolean
  readonly isPrivate?: boolean
  readonly source?: string
  readonly symlinks?: readonly { path: readonly string[]; target: readonly string[] }[]
  readonly withSha256?: boolean
  readonly announcement?: Partial<AnnouncementOptions>
}

const noBytes = new Uint8Array(0)

/** Bytes that tell where they are from: no two blocks alike. */
export function contentOf(length: number, seed = 1): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = seed >>> 0 || 1
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    bytes[i] = state >>> 24
  }
  return bytes
}

export function makeTorrent(files: readonly MadeFile[], making: Making = {}): Uint8Array {
  const sources: SourceFile[] = [
    ...files.map(({ path, bytes, isExecutable }) => ({
      type: 'file' as const,
      path,
      length: bytes.length,
      isExecutable: isExecutable ?? false,
    })),
    ...(making.symlinks ?? []).map(link => ({ type: 'symlink' as const, ...link })),
  ]
  const plan = planContent({
    name: making.name ?? 'content',
    isFolder: making.isFolder ?? true,
    version: making.version ?? 'hybrid',
    pieceLength: making.pieceLength ?? 2 * BLOCK_LENGTH,
    isPrivate: making.isPrivate ?? false,
    source: making.source,
    files: sources,
  })
  const fileSha256 = new Map<number, Uint8Array>()
  for (const [i, source] of plan.sourceIndexOfEntry.entries()) {
    const file = source === undefined ? undefined : files[source]
    if (file !== undefined && making.withSha256) fileSha256.set(i, digests.sha256(file.bytes))
  }
  const hashes = { ...hashContent(plan, files), fileSha256 }
  return buildMetainfo(
    plan,
    hashes,
    { trackers: [], webSeeds: [], nodes: [], ...making.announcement },
    digests,
  )
}

/** The hashes of content that lies in memory. */
function hashContent(
  plan: ContentPlan,
  files: readonly MadeFile[],
): { pieces: Uint8Array; pieceRoots: Uint8Array } {
  const map = new PieceMap(plan)
  const pieces: Uint8Array[] = []
  const pieceRoots: Uint8Array[] = []
  for (let piece = 0; piece < plan.pieceCount; piece++) {
    const bytes = new Uint8Array(map.pieceSize(piece))
    for (const slice of map.slices(piece, 0, bytes.length)) {
      const { bytes: content } = files[plan.sourceIndexOfEntry[slice.entryIndex] ?? -1] ?? { bytes: noBytes }
      bytes.set(content.subarray(slice.fileOffset, slice.fileOffset + slice.length), slice.rangeOffset)
    }
    pieces.push(digests.sha1(bytes))
    const file = map.fileOfPiece(piece)
    if (plan.version === 'v1' || file === undefined) continue
    pieceRoots.push(
      rootOfPiece(leavesOf(bytes.subarray(0, map.dataSize(piece))), file, plan.pieceLength, digests),
    )
  }
  return { pieces: concatBytes(pieces), pieceRoots: concatBytes(pieceRoots) }
}

/** The hashes of the blocks of a file, or of a part of one. */
export function leavesOf(bytes: Uint8Array): Uint8Array {
  const leaves: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += BLOCK_LENGTH) {
    leaves.push(digests.sha256(bytes.subarray(at, at + BLOCK_LENGTH)))
  }
  return concatBytes(leaves)
}
