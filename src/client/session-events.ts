import type { TorrentEvent } from './task/torrent-events.js'
import type { TorrentTask } from './task/torrent-task.js'

/** The events of a session, in order; each names its torrent. */
export type SessionEvent =
  /** The first of a torrent. */
  | { readonly type: 'added'; readonly torrent: TorrentTask }
  /** The torrent is at something else, has reached a goal, warns or fails. */
  | { readonly type: 'torrent'; readonly torrent: TorrentTask; readonly event: TorrentEvent }
  /** It has left the session: its trackers are told, its state is saved, its files are closed. The last of a torrent. */
  | { readonly type: 'removed'; readonly torrent: TorrentTask }
