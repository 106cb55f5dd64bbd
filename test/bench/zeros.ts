import { mkdir, open, writeFile } from 'node:fs/promises'
import { nodeDigests } from '../../src/client/digests.js'
import { parentOf } from '../../src/protocol/merkle.js'
import { BLOCK_LENGTH } from '../../src/protocol/metainfo/metainfo.js'
import { buildMetainfo, planContent } from '../support/in-one-go.js'
import type { TempFolder } from '../support/temp-folder.js'
import type { Format } from './bench-case.js'
import type { Published } from './contents.js'

/**
 * A file that is one hole, and its .torrent. All pieces are equal, so that one is hashed for all: a TiB takes no time.
 * @param bytes a whole number of pieces
 */
export async function publishZeros(options: {
  readonly bytes: number
  readonly pieceLength: number
  readonly format: Format
  readonly folder: TempFolder
}): Promise<Published> {
  const { bytes, pieceLength, format, folder } = options
  const name = `zeros-${bytes / 2 ** 20}`
  const data = folder.join('zeros')
  await writeHole(folder.join('zeros', name), bytes, data)
  const plan = planContent({
    name,
    isFolder: false,
    version: format,
    pieceLength,
    files: [{ type: 'file', path: [name], length: bytes, isExecutable: false }],
  })
  const sha1 = nodeDigests.sha1(new Uint8Array(pieceLength))
  const metainfoBytes = buildMetainfo(
    plan,
    {
      pieces: format === 'v2' ? undefined : repeated(sha1, plan.pieceCount),
      pieceRoots: format === 'v1' ? undefined : repeated(rootOfZeros(pieceLength), plan.pieceCount),
    },
    { trackers: [], webSeeds: [], nodes: [] },
    nodeDigests,
  )
  const metainfo = folder.join(`${name}-${pieceLength}-${format}.torrent`)
  await writeFile(metainfo, metainfoBytes)
  return { metainfo, data, name, bytes, digests: undefined, folder }
}

async function writeHole(path: string, bytes: number, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const file = await open(path, 'w')
  try {
    await file.truncate(bytes)
  } finally {
    await file.close()
  }
}

function rootOfZeros(pieceLength: number): Uint8Array {
  let root = nodeDigests.sha256(new Uint8Array(BLOCK_LENGTH))
  for (let length = BLOCK_LENGTH; length < pieceLength; length *= 2) root = parentOf(root, root, nodeDigests)
  return root
}

function repeated(hash: Uint8Array, count: number): Uint8Array {
  return new Uint8Array(Buffer.alloc(hash.length * count, hash))
}
