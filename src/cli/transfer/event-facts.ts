// The members of JSON events that are made from the status of a torrent.

import { toHex } from '../../base/bytes.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import { LazyList } from '../output/json-pieces.js'
import type { FileChecksum, TorrentPort, TorrentStatus } from '../session/session-port.js'
import { infoHashesOf } from '../torrents/torrent-facts.js'
import { ratioOf } from './ratio.js'

export function metadataFacts(torrent: TorrentPort['torrent'], { metadata, peers }: TorrentStatus) {
  const { got = 0, size } = metadata ?? {}
  return {
    ...(torrent.name === undefined ? {} : { name: torrent.name }),
    ...infoHashesOf(torrent),
    got,
    ...(size === undefined ? {} : { size }),
    peers,
  }
}

export function progressFacts(status: TorrentStatus) {
  return {
    done: status.done,
    total: status.total,
    verified: status.verifiedPieces,
    down: Math.round(status.downRate),
    up: Math.round(status.upRate),
    downloaded: status.downloaded,
    uploaded: status.uploaded,
    ...ratioFact(status),
    peers: status.peers,
    ...(status.etaSeconds === undefined ? {} : { eta: Math.ceil(status.etaSeconds) }),
  }
}

/** True if the progress of both is shown alike, so that the later one need not be told. */
export function isSameProgress(status: TorrentStatus, told: TorrentStatus | undefined): boolean {
  return (
    status.done === told?.done &&
    status.verifiedPieces === told.verifiedPieces &&
    status.downRate === told.downRate &&
    status.upRate === told.upRate &&
    status.peers === told.peers &&
    status.metadata?.got === told.metadata?.got &&
    status.metadata?.size === told.metadata?.size
  )
}

export function checksumFacts(
  checksums: readonly FileChecksum[],
  { isFolder, name }: Metainfo,
): LazyList<{ readonly path: string; readonly sha256: string }> {
  return new LazyList(function* () {
    for (const { path, sha256 } of checksums) {
      yield { path: isFolder ? `${name}/${path}` : name, sha256: toHex(sha256) }
    }
  })
}

/** The ratio to four places; none for a torrent without content. */
export function ratioFact(status: TorrentStatus): { readonly ratio?: number } {
  const ratio = ratioOf(status)
  return ratio === undefined ? {} : { ratio: Math.round(ratio * 10_000) / 10_000 }
}
