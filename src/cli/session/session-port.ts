import type { PeerFailure } from '../../client/net/named-peers.js'
import type { SessionOptions } from '../../client/session-options.js'
import type { Goal } from '../../client/task/goals.js'
import type { AddOptions } from '../../client/task/task-host.js'
import type { FileChecksum, TorrentEvent, TorrentStatus, Verified } from '../../client/task/torrent-events.js'
import type { TorrentIdentity, UnresolvedTorrent } from '../../client/task/unresolved-torrent.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'

export type {
  AddOptions,
  FileChecksum,
  Goal,
  PeerFailure,
  SessionOptions,
  TorrentEvent,
  TorrentIdentity,
  TorrentStatus,
  UnresolvedTorrent,
  Verified,
}

/** A session as commands see it, wherever it runs. */
export interface SessionPort extends AsyncDisposable {
  /**
   * Adds a torrent and starts it, by its info hash where its metainfo is to come from peers; its events tell how it goes on. Rejects with a `SessionError` where the session does not take it,
   * and with an `OptionError`.
   */
  add(torrent: Metainfo | UnresolvedTorrent, options: AddOptions): Promise<TorrentPort>
  /** Tells the trackers, saves the state, closes everything. */
  stop(): Promise<void>
}

/** One torrent of a session as commands see it. */
export interface TorrentPort {
  /** The metainfo or link that it was added by. */
  readonly torrent: Metainfo | UnresolvedTorrent
  /** The latest snapshot, also after the torrent was removed. Cheap: asked for many times a second. */
  readonly status: TorrentStatus
  /** Why there is no connection with peers that were named. */
  readonly peerFailures: readonly PeerFailure[]
  /** Takes the one listener; it is told first what happened before it came. */
  onEvent(listener: (event: TorrentEvent) => void): void
  /** Remembers that whatever was to follow the completed download has been done. */
  completionHandled(): void
  remove(): Promise<void>
}
