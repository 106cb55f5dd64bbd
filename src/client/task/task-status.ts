import type { Bitfield } from '../../base/bitfield.js'
import type { Torrent } from '../../engine/torrent.js'
import type { History } from '../resume/history.js'
import type { TorrentState, TorrentStatus } from './torrent-events.js'

/** How a torrent stands, put together from what its task and its engine know. */
export function statusOf(task: {
  readonly state: TorrentState
  /** Undefined until the data was checked. */
  readonly have: Bitfield | undefined
  /** Undefined until it is needed. */
  readonly torrent: Torrent | undefined
  /** Bytes of content. */
  readonly total: number
  /** Bytes of verified pieces. */
  readonly doneBytes: number
  readonly checkedPieces: number
  readonly history: History
  readonly now: number
}): TorrentStatus {
  const { state, have, torrent, total, checkedPieces, history, now } = task
  // Pads within a piece are counted with it.
  const done = have?.isFull ? total : Math.min(total, task.doneBytes)
  const downRate = torrent?.downloader.received.bytesPerSecond(now) ?? 0
  let seeds = 0
  for (const peer of torrent?.peers ?? []) if (peer.isSeed) seeds++
  return {
    state,
    done,
    total,
    verifiedPieces: have?.count ?? 0,
    checkedPieces,
    downRate,
    upRate: torrent?.uploader.sent.bytesPerSecond(now) ?? 0,
    downloaded: torrent?.downloader.received.total ?? 0,
    uploaded: torrent?.uploader.sent.total ?? 0,
    history,
    wasted: torrent?.downloader.wastedBytes ?? 0,
    peers: torrent?.peers.size ?? 0,
    seeds,
    etaSeconds: state === 'downloading' && downRate > 0 ? (total - done) / downRate : undefined,
  }
}
