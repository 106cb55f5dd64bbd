import { unreachable } from '../../base/errors.js'
import type { TorrentStatus } from '../session/session-port.js'
import type { ProgressSnapshot } from '../view/progress-view.js'
import { ratioOf } from './ratio.js'

/** The status of a torrent as a bar or a line shows it. */
export function snapshotOf(status: TorrentStatus, pieceLength: number): ProgressSnapshot {
  const { state, done, total, peers } = status
  switch (state) {
    case 'checking': {
      const checked = Math.min(total, status.checkedPieces * pieceLength)
      return { type: 'work', activity: state, done: checked, total }
    }
    case 'metadata': {
      const { got = 0, size = 0 } = status.metadata ?? {}
      return { type: state, activity: metadataActivity(status), done: got, total: size, peers }
    }
    case 'verifying':
    case 'paused':
    case 'error':
    case 'stopped':
      return { type: 'waiting', activity: state, done, total }
    case 'downloading':
      if (peers === 0 && status.downRate === 0)
        return { type: 'waiting', activity: 'waiting for peers', done, total }
      return {
        type: state,
        activity: state,
        done,
        total,
        down: status.downRate,
        up: status.upRate,
        peers,
        eta: status.etaSeconds,
      }
    case 'seeding':
      return {
        type: state,
        activity: state,
        done,
        total,
        up: status.upRate,
        peers,
        ratio: ratioOf(status) ?? 0,
      }
    default:
      return unreachable(state)
  }
}

function metadataActivity({ peers, metadata }: TorrentStatus): string {
  if (peers === 0) return 'finding peers'
  return (metadata?.holders ?? 0) > 0 ? 'fetching metadata' : 'waiting for metadata'
}
