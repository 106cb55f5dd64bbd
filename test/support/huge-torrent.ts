import { mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { nodeDigests } from '../../src/client/digests.js'
import { BLOCK_LENGTH, type TorrentVersion } from '../../src/protocol/metainfo/metainfo.js'
import { buildMetainfo, planContent, rootOfPiece } from './in-one-go.js'

export interface HugeTorrent {
  /** The .torrent. */
  readonly path: string
  /** The folder with the content: one file of nothing but a hole. */
  readonly dataDir: string
  readonly pieceLength: number
}

/** Makes a torrent of zeros, whose pieces are all alike: as many of them as wanted, and hardly anything to hash. */
export async function makeHugeTorrent(
  folder: string,
  { bytes, pieceCount, version }: { bytes: number; pieceCount: number; version: TorrentVersion },
): Promise<HugeTorrent> {
  const pieceLength = bytes / pieceCount
  const name = 'huge.bin'
  const file = { type: 'file', path: [name], length: bytes, isExecutable: false } as const
  const plan = planContent({ name, isFolder: false, version, pieceLength, files: [file] })
  const leaf = nodeDigests.sha256(new Uint8Array(BLOCK_LENGTH))
  const leaves = repeated(leaf, pieceLength / BLOCK_LENGTH)
  const root = rootOfPiece(leaves, { length: bytes }, pieceLength, nodeDigests)
  const hashes = {
    pieces: version === 'v2' ? undefined : repeated(sha1OfZeros(pieceLength), pieceCount),
    pieceRoots: version === 'v1' ? undefined : repeated(root, pieceCount),
  }
  const path = join(folder, 'huge.torrent')
  await writeFile(path, buildMetainfo(plan, hashes, { trackers: [], webSeeds: [], nodes: [] }, nodeDigests))
  const dataDir = join(folder, 'data')
  await mkdir(dataDir, { recursive: true })
  await using content = await open(join(dataDir, name), 'wx')
  await content.truncate(bytes)
  return { path, dataDir, pieceLength }
}

function sha1OfZeros(length: number): Uint8Array {
  return nodeDigests.sha1(new Uint8Array(length))
}

function repeated(hash: Uint8Array, count: number): Uint8Array {
  const hashes = new Uint8Array(hash.length * count)
  for (let i = 0; i < count; i++) hashes.set(hash, i * hash.length)
  return hashes
}
