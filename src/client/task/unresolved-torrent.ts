// BEP 9: a torrent that is known by its info hash alone.

import { toHex } from '../../base/bytes.js'
import { CodedError } from '../../base/errors.js'
import { SHA1_LENGTH, SHA256_LENGTH } from '../../protocol/digests.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import { parseInfoInSteps } from '../../protocol/metainfo/parse.js'
import { nodeDigests } from '../digests.js'
import { inTurns } from '../in-turns.js'
import { checkOptions } from '../option-error.js'

/** The facts by which a torrent is known. There is at least one hash. A `Metainfo` and a `Magnet` say all of it. */
export interface TorrentIdentity {
  /** 20 bytes. */
  readonly infoHashV1: Uint8Array | undefined
  /** 32 bytes. */
  readonly infoHashV2: Uint8Array | undefined
  /** To be shown, and not to be written to disk: a hint until the metainfo is known. */
  readonly name: string | undefined
}

/** A torrent without its metainfo, as a magnet link names it: its info dictionary comes from peers. */
export interface UnresolvedTorrent extends TorrentIdentity {
  /** By tier: those of the torrent from then on, since an info dictionary names none. */
  readonly trackers: readonly (readonly string[])[]
  readonly webSeeds: readonly string[]
  /** Bytes of the content; a hint. */
  readonly size?: number | undefined
}

export type MetadataErrorCode =
  /** The info dictionary is that of another version than the info hash says. */
  'mismatch'

/** The metainfo of a torrent is of no use. */
export class MetadataError extends CodedError<MetadataErrorCode, { name: string }> {}

export function isUnresolved(torrent: Metainfo | UnresolvedTorrent): torrent is UnresolvedTorrent {
  return !('infoBytes' in torrent)
}

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
 * The metainfo of a torrent, of an info dictionary that its info hash covers.
 * @throws {MetadataError}
 * @throws {import('../../protocol/metainfo/metainfo-error.js').MetainfoError} where the info hash covers something that is not a torrent
 */
export async function resolveTorrent(torrent: UnresolvedTorrent, infoBytes: Uint8Array): Promise<Metainfo> {
  const { infoHashV1, infoHashV2, trackers, webSeeds } = torrent
  const metainfo = await inTurns(parseInfoInSteps(infoBytes, nodeDigests, { trackers, webSeeds }))
  // No peer knows a torrent of v2 alone by its SHA-1, nor one of v1 by its SHA-256.
  const lacksVersion =
    (infoHashV1 !== undefined && metainfo.infoHashV1 === undefined) ||
    (infoHashV2 !== undefined && metainfo.infoHashV2 === undefined)
  if (!lacksVersion) return metainfo
  const name = nameOf(torrent)
  const message = `${name}: its info dictionary is of version ${metainfo.version} alone`
  throw new MetadataError('mismatch', message, { name })
}
