// BEP 9: a torrent that is known by its info hash alone, and where its info dictionary comes from.

import { equalBytes, toHex } from '../../base/bytes.js'
import { CodedError, reasonOf } from '../../base/errors.js'
import { untilAborted } from '../../base/until-aborted.js'
import { SHA1_LENGTH, SHA256_LENGTH } from '../../protocol/digests.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import { parseInfoInSteps } from '../../protocol/metainfo/parse.js'
import { nodeDigests } from '../digests.js'
import { inTurns } from '../in-turns.js'
import { checkOptions } from '../option-error.js'

/** What a torrent is known by. There is at least one hash. A `Metainfo` and a `Magnet` say all of it. */
export interface TorrentIdentity {
  /** 20 bytes. */
  readonly infoHashV1: Uint8Array | undefined
  /** 32 bytes. */
  readonly infoHashV2: Uint8Array | undefined
  /** To be shown, and not to be written to disk: a hint until the metainfo is known. */
  readonly name: string | undefined
}

/** Where the info dictionary of a torrent comes from. */
export interface MetadataSource {
  /**
   * The bytes of the info dictionary as the info hash covers them (BEP 9). They need not be verified, and are not changed
   * afterwards. Rejects with any error where they cannot be had, which ends the torrent.
   * @param signal aborted once they are no longer needed
   */
  fetchInfo(identity: TorrentIdentity, signal: AbortSignal): Promise<Uint8Array>
}

/** A torrent without its metainfo. */
export interface UnresolvedTorrent extends TorrentIdentity {
  readonly metadata: MetadataSource
}

export type MetadataErrorCode =
  /** The source has failed. */
  | 'unavailable'
  /** The bytes are not those of the info hash. */
  | 'mismatch'

/** The metainfo of a torrent could not be had. */
export class MetadataError extends CodedError<MetadataErrorCode, { name: string }> {}

/** @throws {import('../option-error.js').OptionError} for a torrent without an info hash, or with one of a wrong length */
export function checkIdentity({ infoHashV1, infoHashV2 }: TorrentIdentity): void {
  const isHash = (hash: unknown, length: number) =>
    hash === undefined || (hash instanceof Uint8Array && hash.length === length)
  checkOptions([
    ['infoHashV1', isHash(infoHashV1, SHA1_LENGTH), `${SHA1_LENGTH} bytes`],
    ['infoHashV2', isHash(infoHashV2, SHA256_LENGTH), `${SHA256_LENGTH} bytes`],
    ['infoHashV1', (infoHashV1 ?? infoHashV2) !== undefined, 'there, or infoHashV2'],
  ])
}

/** The name, or the info hash where no name is known. */
export function nameOf({ name, infoHashV1, infoHashV2 }: TorrentIdentity): string {
  return name ?? toHex(infoHashV1 ?? infoHashV2 ?? new Uint8Array(0))
}

/**
 * Fetches the info dictionary and verifies it before anything of it is read. Rejects with the signal's reason once aborted.
 * @throws {MetadataError}
 * @throws {import('../../protocol/metainfo/metainfo-error.js').MetainfoError} where the info hash covers what is no torrent
 */
export async function fetchMetainfo(torrent: UnresolvedTorrent, signal: AbortSignal): Promise<Metainfo> {
  const infoBytes = await fetchInfo(torrent, signal)
  const { infoHashV1, infoHashV2 } = torrent
  const isRight =
    (infoHashV1 === undefined || equalBytes(nodeDigests.sha1(infoBytes), infoHashV1)) &&
    (infoHashV2 === undefined || equalBytes(nodeDigests.sha256(infoBytes), infoHashV2))
  if (!isRight) throw mismatch(torrent, 'are not those of its info hash')
  const metainfo = await inTurns(parseInfoInSteps(infoBytes, nodeDigests))
  signal.throwIfAborted()
  // No peer knows a torrent of v2 alone by its SHA-1, nor one of v1 by its SHA-256.
  const lacksVersion =
    (infoHashV1 !== undefined && metainfo.infoHashV1 === undefined) ||
    (infoHashV2 !== undefined && metainfo.infoHashV2 === undefined)
  if (lacksVersion) throw mismatch(torrent, `are of version ${metainfo.version} alone`)
  return metainfo
}

async function fetchInfo(torrent: UnresolvedTorrent, signal: AbortSignal): Promise<Uint8Array> {
  try {
    return await untilAborted(torrent.metadata.fetchInfo(torrent, signal), signal)
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof CodedError) throw error
    const name = nameOf(torrent)
    const message = `${name}: its metainfo could not be fetched: ${reasonOf(error)}`
    throw new MetadataError('unavailable', message, { name }, { cause: error })
  }
}

function mismatch(torrent: UnresolvedTorrent, what: string): MetadataError {
  const name = nameOf(torrent)
  return new MetadataError('mismatch', `${name}: the bytes of its metainfo ${what}`, { name })
}
