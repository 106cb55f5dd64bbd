// What the commands ask of the other rooms of the house. `rooms.ts` has the real things, loaded when they are called; tests
// put in their own.

import type { ContentReport } from '../../client/check-content.js'
import type { DraftOptions, TorrentDraft, WorkOptions } from '../../client/create/draft-torrent.js'
import type { PeerFailure } from '../../client/net/named-peers.js'
import type { SessionOptions } from '../../client/session.js'
import type { AddOptions } from '../../client/task/task-host.js'
import type { TorrentEvent, TorrentStatus } from '../../client/task/torrent-events.js'
import type { Magnet } from '../../protocol/magnet.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'

/** All of them; a command names the ones that it uses. */
export interface Rooms {
  /** Throws `MetainfoError`. */
  parseMetainfo(bytes: Uint8Array): Promise<Metainfo>
  /** Throws `MagnetError`. */
  parseMagnet(text: string): Promise<Magnet>
  /** The magnet link, which holds no user names and passwords. */
  toMagnet(metainfo: Metainfo): Promise<string>
  /** Scans a file or a folder and lays out a torrent of it; nothing is hashed yet. Throws `DiskError`, `MetainfoError`. */
  draftTorrent(path: string, options: DraftOptions): Promise<TorrentDraft>
  /** Compares what lies in `dir` with a torrent. Throws `DiskError`. */
  checkContent(metainfo: Metainfo, dir: string, options: WorkOptions): Promise<ContentReport>
  /** Throws `ListenError`. */
  listenTracker(options: TrackerOptions): Promise<Tracker>
  /** Throws `ListenError`. */
  openSession(options: SessionOptions): Promise<Session>
}

export interface TrackerOptions {
  readonly port: number
  readonly bind?: string | undefined
  readonly intervalSeconds?: number | undefined
}

export interface Tracker extends AsyncDisposable {
  readonly port: number
  /** Where to announce to, the address that most others can use first. */
  readonly urls: readonly string[]
  /** Gives a torrent a name on the tracker's page. One info hash of 20 bytes, or both of a hybrid, v1 first. */
  nameTorrent(infoHashes: readonly Uint8Array[], name: string): void
}

export interface Session extends AsyncDisposable {
  readonly port: number
  add(metainfo: Metainfo, options: AddOptions): TorrentHandle
  /** Tells the trackers, saves the state, closes everything. */
  stop(): Promise<void>
}

export interface TorrentHandle {
  readonly metainfo: Metainfo
  /** Cheap: asked for many times a second. */
  readonly status: TorrentStatus
  /** Why there is no connection with peers that were named. */
  readonly peerFailures: readonly PeerFailure[]
  /** Remembers that whatever was to follow the completed download has been done. */
  completionHandled(): void
  onEvent(listener: (event: TorrentEvent) => void): void
  remove(): Promise<void>
}
