// Metainfos of which the info dictionary, and piece layers, came from peers: kept so that a later start needs no peer for them.

import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { equalBytes, toHex } from '../../base/bytes.js'
import { systemCode } from '../../base/errors.js'
import { readBytes } from '../../base/read-bytes.js'
import { BencodeError } from '../../protocol/bencode/bencode-error.js'
import { METAINFO_LIMITS } from '../../protocol/bencode/limits.js'
import { scanBencodeInSteps } from '../../protocol/bencode/scan.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import { MetainfoError } from '../../protocol/metainfo/metainfo-error.js'
import { parseInfoInSteps, parseMetainfoInSteps } from '../../protocol/metainfo/parse.js'
import { wrapInfoInSteps } from '../../protocol/metainfo/wrap-info.js'
import { nodeDigests } from '../digests.js'
import { inTurns } from '../in-turns.js'
import type { SwarmHashes } from '../net/swarm.js'
import { writeState } from './state-file.js'
import { stateFolder } from './state-folder.js'

/** What it is known by, and the addresses of its link, which are not kept. */
type Linked = SwarmHashes & Pick<Metainfo, 'trackers' | 'webSeeds'>

function metadataPath({ infoHashV1, infoHashV2 }: SwarmHashes, folder: string): string {
  return join(folder, 'metadata', `${toHex(infoHashV1 ?? infoHashV2 ?? new Uint8Array(0))}.torrent`)
}

/** The metainfo that the info hash covers, as far as it is known; undefined where nothing is kept, or nothing of use. */
export async function loadMetadata(
  linked: Linked,
  folder: string = stateFolder(),
): Promise<Metainfo | undefined> {
  try {
    await using handle = await open(metadataPath(linked, folder), 'r')
    const { size } = await handle.stat()
    if (size > METAINFO_LIMITS.bytes) return undefined
    const metainfo = await parse(await readBytes(handle, size), linked)
    return metainfo !== undefined && isOf(metainfo, linked) ? metainfo : undefined
  } catch (error) {
    if (error instanceof BencodeError || error instanceof MetainfoError) return undefined
    if (systemCode(error) === '') throw error
    return undefined
  }
}

/**
 * Keeps a metainfo, without trackers and web seeds: whole or not at all.
 * @throws {import('../disk/disk-error.js').DiskError}
 */
export async function saveMetadata(
  hashes: SwarmHashes,
  { infoBytes, pieceLayers }: Pick<Metainfo, 'infoBytes' | 'pieceLayers'>,
  folder: string = stateFolder(),
): Promise<void> {
  const wrapped = wrapInfoInSteps({ infoBytes, pieceLayers, trackers: [], webSeeds: [] })
  await writeState(metadataPath(hashes, folder), await inTurns(wrapped))
}

/** Without layers it is read as it came from peers: that they are missing is nothing to warn of. */
async function parse(bytes: Uint8Array, linked: Linked): Promise<Metainfo | undefined> {
  const root = await inTurns(scanBencodeInSteps(bytes, METAINFO_LIMITS))
  const infoBytes = root.get('info')?.raw
  if (infoBytes === undefined) return undefined
  return await inTurns(
    root.get('piece layers') === undefined
      ? parseInfoInSteps(infoBytes, nodeDigests, linked)
      : parseMetainfoInSteps(bytes, nodeDigests, { trackers: linked.trackers, webSeeds: linked.webSeeds }),
  )
}

function isOf(metainfo: SwarmHashes, { infoHashV1, infoHashV2 }: SwarmHashes): boolean {
  return isHash(metainfo.infoHashV1, infoHashV1) && isHash(metainfo.infoHashV2, infoHashV2)
}

function isHash(found: Uint8Array | undefined, known: Uint8Array | undefined): boolean {
  return known === undefined || (found !== undefined && equalBytes(found, known))
}
