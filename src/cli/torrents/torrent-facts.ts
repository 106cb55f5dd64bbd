import { toHex } from '../../base/bytes.js'
import { withoutPassword } from '../../base/shown-url.js'
import type { Magnet } from '../../protocol/magnet.js'
import type { EntryList, FileEntry, Metainfo } from '../../protocol/metainfo/metainfo.js'
import { formatAddress } from '../../protocol/peer-address.js'
import type { TorrentDetails, TorrentFacts } from '../output/json-events.js'
import { type Lazy, LazyList, LazyText } from '../output/json-pieces.js'
import type { TorrentIdentity, UnresolvedTorrent } from '../session/session-port.js'

export function hasMetainfo(torrent: Metainfo | UnresolvedTorrent): torrent is Metainfo {
  return 'infoBytes' in torrent
}

/** The name as it is shown; the info hash where none is known. */
export function shownNameOf(torrent: TorrentIdentity): string {
  return torrent.name ?? infoHashOf(torrent)
}

/** The members that `added`, `made` and `info` events have in common, of any length. */
export function factsOf(metainfo: Metainfo): Lazy<TorrentFacts> {
  const { size, pieceLength, pieceCount, longTexts } = metainfo
  const name = wholeText(longTexts?.name, metainfo.name)
  return { name, ...infoHashesOf(metainfo), size, pieceLength, pieceCount, files: jsonFiles(metainfo) }
}

function wholeText(whole: Uint8Array | undefined, text: string): string | LazyText {
  return whole === undefined ? text : new LazyText(whole)
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

/** The members that only `info` events have. */
export function detailsOf(metainfo: Metainfo, magnet: string): Lazy<TorrentDetails> {
  const { source, comment, createdBy, creationDate, longTexts } = metainfo
  return {
    version: metainfo.version,
    private: metainfo.isPrivate,
    ...shownAddresses(metainfo),
    nodes: metainfo.nodes.map(formatAddress),
    ...(source === undefined ? {} : { source: wholeText(longTexts?.source, source) }),
    ...(comment === undefined ? {} : { comment: wholeText(longTexts?.comment, comment) }),
    ...(createdBy === undefined ? {} : { createdBy: wholeText(longTexts?.createdBy, createdBy) }),
    ...(creationDate === undefined ? {} : { creationDate: isoDate(creationDate) }),
    magnet,
    warnings: [...metainfo.warnings, ...metainfo.oddities],
  }
}

/** The trackers and web seeds of a torrent or a magnet link as they are shown: whole, but without passwords. */
export function shownAddresses({ trackers, webSeeds }: Pick<Metainfo, 'trackers' | 'webSeeds'>): {
  trackers: string[][]
  webSeeds: string[]
} {
  return {
    trackers: trackers.map(tier => tier.map(withoutPassword)),
    webSeeds: webSeeds.map(withoutPassword),
  }
}

/** The v1 info hash, or the v2 one where there is no other: one name for a torrent in all events. */
export function infoHashOf({ infoHashV1, infoHashV2 }: Pick<Magnet, 'infoHashV1' | 'infoHashV2'>): string {
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
}: Pick<Metainfo, 'name' | 'isFolder' | 'entries'>): LazyList<TorrentFacts['files'][number]> {
  return new LazyList(function* () {
    for (const { path, length, sha256 } of filesOf(entries)) {
      yield {
        path: isFolder ? [name, ...path].join('/') : name,
        length,
        ...(sha256 === undefined ? {} : { sha256: toHex(sha256) }),
      }
    }
  })
}
