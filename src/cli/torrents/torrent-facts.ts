import { toHex } from '../../base/bytes.js'
import { withoutPassword } from '../../base/shown-url.js'
import type { Magnet } from '../../protocol/magnet.js'
import type { EntryList, FileEntry, Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { TorrentDetails, TorrentFacts } from '../output/json-events.js'

/** What `added`, `made` and `info` say of a torrent with `--json`. */
export function factsOf(metainfo: Metainfo): TorrentFacts {
  const { name, size, pieceLength, pieceCount } = metainfo
  return { name, ...infoHashesOf(metainfo), size, pieceLength, pieceCount, files: jsonFiles(metainfo) }
}

/** In hexadecimal, those that there are. */
export function infoHashesOf({
  infoHashV1,
  infoHashV2,
}: Pick<Magnet, 'infoHashV1' | 'infoHashV2'>): Pick<TorrentFacts, 'infoHashV1' | 'infoHashV2'> {
  return {
    ...(infoHashV1 === undefined ? {} : { infoHashV1: toHex(infoHashV1) }),
    ...(infoHashV2 === undefined ? {} : { infoHashV2: toHex(infoHashV2) }),
  }
}

/** What only `info` says. */
export function detailsOf(metainfo: Metainfo, magnet: string): TorrentDetails {
  const { source, comment, createdBy, creationDate } = metainfo
  return {
    version: metainfo.version,
    private: metainfo.isPrivate,
    ...shownAddresses(metainfo),
    ...(source === undefined ? {} : { source }),
    ...(comment === undefined ? {} : { comment }),
    ...(createdBy === undefined ? {} : { createdBy }),
    ...(creationDate === undefined ? {} : { creationDate: isoDate(creationDate) }),
    magnet,
    warnings: [...metainfo.warnings, ...metainfo.oddities],
  }
}

/** The trackers and web seeds of a torrent or a magnet link as they are shown: whole, but without passwords. */
export function shownAddresses({
  trackers,
  webSeeds,
}: Pick<Metainfo, 'trackers' | 'webSeeds'>): Pick<TorrentDetails, 'trackers' | 'webSeeds'> {
  return {
    trackers: trackers.map(tier => tier.map(withoutPassword)),
    webSeeds: webSeeds.map(withoutPassword),
  }
}

/** The v1 info hash, or the v2 one where there is no other: one name for a torrent in all events. */
export function infoHashOf({ infoHashV1, infoHashV2 }: Metainfo): string {
  return toHex(infoHashV1 ?? infoHashV2 ?? new Uint8Array())
}

export function* filesOf(entries: EntryList): Generator<FileEntry> {
  for (const entry of entries) if (entry.type === 'file') yield entry
}

/** ISO 8601 of seconds since 1970; the number itself where it is no date that anybody could mean. */
export function isoDate(seconds: number): string {
  const date = new Date(seconds * 1000)
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString().replace('.000Z', 'Z')
}

/** The files with their paths from the torrent's name on. */
export function jsonFiles({
  name,
  isFolder,
  entries,
}: Pick<Metainfo, 'name' | 'isFolder' | 'entries'>): TorrentFacts['files'] {
  return Array.from(filesOf(entries), ({ path, length, sha256 }) => ({
    path: isFolder ? [name, ...path].join('/') : name,
    length,
    ...(sha256 === undefined ? {} : { sha256: toHex(sha256) }),
  }))
}
