import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { nodeDigests } from '../../src/client/digests.js'
import type { TorrentVersion } from '../../src/protocol/metainfo/metainfo.js'
import { buildMetainfo, planContent } from './in-one-go.js'

export interface ManyTorrentsOptions {
  readonly version?: TorrentVersion
  readonly trackers?: readonly (readonly string[])[]
}

/** One piece of one block each, so that thousands are made in a moment. */
const BYTES = 16_384

/**
 * Makes `count` torrents of one small file each below `folder`: `torrents/<number>.torrent` and `data/<number>.bin`.
 * @returns the paths of the .torrents
 */
export async function makeManyTorrents(
  folder: string,
  count: number,
  { version = 'hybrid', trackers = [] }: ManyTorrentsOptions = {},
): Promise<string[]> {
  await mkdir(join(folder, 'data'), { recursive: true })
  await mkdir(join(folder, 'torrents'), { recursive: true })
  const content = Buffer.alloc(BYTES)
  const paths: string[] = []
  for (let i = 0; i < count; i++) {
    const name = `${String(i).padStart(6, '0')}.bin`
    content.writeUInt32BE(i)
    const file = { type: 'file', path: [name], length: BYTES, isExecutable: false } as const
    const plan = planContent({ name, isFolder: false, version, pieceLength: BYTES, files: [file] })
    const hashes = {
      pieces: version === 'v2' ? undefined : nodeDigests.sha1(content),
      pieceRoots: version === 'v1' ? undefined : nodeDigests.sha256(content),
    }
    const path = join(folder, 'torrents', name.replace('.bin', '.torrent'))
    await writeFile(path, buildMetainfo(plan, hashes, { trackers, webSeeds: [], nodes: [] }, nodeDigests))
    await writeFile(join(folder, 'data', name), content)
    paths.push(path)
  }
  return paths
}
