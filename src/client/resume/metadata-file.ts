// Info dictionaries that came from peers, kept so that a later start needs no peer for them.

import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { concatBytes, equalBytes, fromUtf8, toHex, toUtf8 } from '../../base/bytes.js'
import { systemCode } from '../../base/errors.js'
import { readBytes } from '../../base/read-bytes.js'
import { MAX_METADATA_BYTES } from '../../engine/metadata/metadata-fetcher.js'
import { nodeDigests } from '../digests.js'
import type { SwarmHashes } from '../net/swarm.js'
import { writeState } from './state-file.js'
import { stateFolder } from './state-folder.js'

/** What stands around the info dictionary: the file is a .torrent without trackers. */
const HEAD = 'd4:info'
const TAIL = 'e'

function metadataPath({ infoHashV1, infoHashV2 }: SwarmHashes, folder: string): string {
  return join(folder, 'metadata', `${toHex(infoHashV1 ?? infoHashV2 ?? new Uint8Array(0))}.torrent`)
}

/** The bytes that the info hash covers, as far as they are known; undefined where nothing is kept, or nothing of use. */
export async function loadMetadata(
  hashes: SwarmHashes,
  folder: string = stateFolder(),
): Promise<Uint8Array | undefined> {
  try {
    await using handle = await open(metadataPath(hashes, folder), 'r')
    const { size } = await handle.stat()
    if (size > HEAD.length + MAX_METADATA_BYTES + TAIL.length) return undefined
    const bytes = await readBytes(handle, size)
    if (fromUtf8(bytes.subarray(0, HEAD.length)) !== HEAD) return undefined
    const metadata = bytes.subarray(HEAD.length, bytes.length - TAIL.length)
    return isCovered(metadata, hashes) ? metadata : undefined
  } catch (error) {
    if (systemCode(error) === '') throw error
    return undefined
  }
}

/**
 * Keeps an info dictionary: whole or not at all.
 * @throws {import('../disk/disk-error.js').DiskError}
 */
export async function saveMetadata(
  hashes: SwarmHashes,
  metadata: Uint8Array,
  folder: string = stateFolder(),
): Promise<void> {
  await writeState(metadataPath(hashes, folder), concatBytes([toUtf8(HEAD), metadata, toUtf8(TAIL)]))
}

/** Whether these are the bytes of each hash that is known. */
function isCovered(metadata: Uint8Array, { infoHashV1, infoHashV2 }: SwarmHashes): boolean {
  return (
    (infoHashV1 === undefined || equalBytes(nodeDigests.sha1(metadata), infoHashV1)) &&
    (infoHashV2 === undefined || equalBytes(nodeDigests.sha256(metadata), infoHashV2))
  )
}
