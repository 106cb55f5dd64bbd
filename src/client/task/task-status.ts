import { NO_HISTORY } from '../resume/history.js'
import type { SessionTally } from './session-tally.js'
import { activeState, contentOf, fetchOf, nameOfState, type TaskState } from './task-state.js'
import type { TorrentStatus } from './torrent-events.js'

/**
 * How a torrent stands, put together from what its task and its engine know.
 * @param now ms of the session's clock
 */
export function statusOf(taskState: TaskState, tally: SessionTally, now: number): TorrentStatus {
  const state = nameOfState(taskState)
  const content = contentOf(taskState)
  const joined = activeState(taskState)?.joined
  const torrent = joined?.swarm.awakeTorrent
  const fetch = fetchOf(taskState)?.swarm.torrent
  const total = content?.selection.size ?? 0
  const done = joined?.wanted.isDone ? total : Math.min(total, tally.done.selected)
  const downRate = torrent?.downloader.received.bytesPerSecond(now) ?? 0
  let seeds = 0
  for (const peer of torrent?.peers ?? []) if (peer.isSeed) seeds++
  return {
    state,
    done,
    total,
    verifiedPieces: joined?.wanted.have.count ?? 0,
    checkedPieces: tally.checkedPieces,
    downRate,
    upRate: torrent?.uploader.sent.bytesPerSecond(now) ?? 0,
    ...tally.transferred(torrent),
    history: content === undefined ? NO_HISTORY : tally.history(content.resume, torrent),
    peers: (torrent ?? fetch)?.peers.size ?? 0,
    seeds,
    metadata: fetch?.progress,
    etaSeconds: state === 'downloading' && downRate > 0 ? (total - done) / downRate : undefined,
  }
}
