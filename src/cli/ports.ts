// What the commands ask of the other rooms of the house, as the interfaces that they need. The real things are put
// in where the commands are listed, and loaded when they are called; tests put in their own.

import type { CodedError } from '../base/errors.js'
import type { ContentEntry, Metainfo, TorrentVersion } from '../protocol/metainfo/metainfo.js'

/** All of them; a command names the ones that it uses. */
export interface Rooms {
  /** Throws `MetainfoError`. */
  parseMetainfo(bytes: Uint8Array): Promise<Metainfo>
  /** Throws `MagnetError`. */
  parseMagnet(text: string): Promise<Magnet>
  toMagnet(metainfo: Metainfo): Promise<string>
  /** Scans a file or a folder and lays out a torrent of it; nothing is hashed yet. Throws `DiskError`, `MetainfoError`. */
  draftTorrent(path: string, options: DraftOptions): Promise<TorrentDraft>
  /** Compares what lies in `dir` with a torrent. Throws `DiskError`. */
  verifyContent(metainfo: Metainfo, dir: string, options: WorkOptions): Promise<ContentReport>
  /** Throws `TrackerServerError`. */
  listenTracker(options: TrackerOptions): Promise<Tracker>
  /** Throws where it cannot listen. */
  openSession(options: SessionOptions): Promise<Session>
}

export interface Magnet {
  readonly infoHashV1: Uint8Array | undefined
  readonly infoHashV2: Uint8Array | undefined
  /** As it came: to be shown, not to be written to disk. */
  readonly name: string | undefined
  /** By tier. */
  readonly trackers: readonly (readonly string[])[]
  readonly webSeeds: readonly string[]
  readonly peers: readonly PeerAddress[]
}

export interface PeerAddress {
  /** An address of IPv4 or IPv6 (without brackets). */
  readonly host: string
  readonly port: number
}

export interface WorkOptions {
  readonly signal: AbortSignal
  /** Bytes. */
  onProgress(done: number, total: number): void
}

export interface DraftOptions {
  readonly name?: string | undefined
  readonly version: TorrentVersion
  /** Bytes; chosen by the size of the content where it is left out. */
  readonly pieceLength?: number | undefined
  readonly isPrivate: boolean
  readonly source?: string | undefined
  readonly exclude: readonly string[]
  readonly includeHidden: boolean
  readonly followSymlinks: boolean
  /** Whether the flat SHA-256 of each file goes in. */
  readonly checksums: boolean
  readonly trackers: readonly (readonly string[])[]
  readonly webSeeds: readonly string[]
  readonly comment?: string | undefined
  readonly createdBy?: string | undefined
  /** Seconds since 1970. */
  readonly creationDate?: number | undefined
}

export interface TorrentDraft {
  readonly name: string
  readonly isFolder: boolean
  readonly version: TorrentVersion
  readonly pieceLength: number
  readonly pieceCount: number
  readonly entries: readonly ContentEntry[]
  /** What was left out, one line each. */
  readonly warnings: readonly string[]
  /** Hashes the content; the bytes of the .torrent. */
  build(options: WorkOptions): Promise<Uint8Array>
}

export interface ContentReport {
  readonly pieceCount: number
  readonly badPieces: number
  /** In the order of the torrent. */
  readonly files: readonly FileReport[]
}

export interface FileReport {
  /** With `/` between components, as it lies below the folder that was named. */
  readonly path: string
  readonly state: 'ok' | 'damaged' | 'missing' | 'too-short' | 'too-long'
  /** How many of the pieces with bytes of this file are bad. */
  readonly badPieces: number
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
}

export interface SessionOptions {
  /** 0: any that is free; undefined: one of the usual ones. */
  readonly port?: number | undefined
  readonly bind?: string | undefined
  readonly maxPeers?: number | undefined
}

export interface Session extends AsyncDisposable {
  readonly port: number
  add(metainfo: Metainfo, options: AddOptions): TorrentHandle
  /** Tells the trackers, saves the state, closes everything. */
  stop(): Promise<void>
}

export type PickOrder = 'random' | 'rarest' | 'sequential'

export interface AddOptions {
  readonly dir: string
  readonly mode: 'get' | 'seed'
  readonly pick?: PickOrder
  readonly recheck?: boolean
  /** Takes the data as it is (`seed --no-check`). */
  readonly trustData?: boolean
  /** Besides the torrent's own, by tier. */
  readonly trackers?: readonly (readonly string[])[]
  readonly useTrackers?: boolean
  readonly peers?: readonly PeerAddress[]
}

export interface TorrentHandle {
  readonly metainfo: Metainfo
  /** Cheap: asked for many times a second. */
  readonly status: TorrentStatus
  onEvent(listener: (event: TorrentEvent) => void): void
  remove(): Promise<void>
}

export interface TorrentStatus {
  readonly state: 'checking' | 'downloading' | 'verifying' | 'seeding' | 'error' | 'stopped'
  /** Verified bytes. */
  readonly done: number
  readonly total: number
  readonly verifiedPieces: number
  readonly checkedPieces: number
  readonly downRate: number
  readonly upRate: number
  /** Bytes since it was added. */
  readonly downloaded: number
  readonly uploaded: number
  readonly peers: number
  readonly seeds: number
  readonly etaSeconds: number | undefined
  /** Bytes that came and were of no use. */
  readonly wasted: number
}

export type TorrentEvent =
  | { readonly type: 'checking' }
  | { readonly type: 'downloading' }
  | {
      readonly type: 'complete'
      readonly path: string
      readonly seconds: number
      /** Of a torrent of one file, where the publisher stored it. */
      readonly sha256: Uint8Array | undefined
      readonly checksums: readonly { readonly path: string; readonly sha256: Uint8Array }[]
    }
  | { readonly type: 'seeding'; readonly port: number }
  | { readonly type: 'warning'; readonly code: string; readonly message: string }
  | { readonly type: 'error'; readonly error: CodedError<string> }
