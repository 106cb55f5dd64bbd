import type { CodedError } from '../../base/errors.js'
import type { MetadataProgress } from '../../engine/metadata/metadata-fetcher.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { History } from '../resume/history.js'
import type { Goal } from './goals.js'

/** The state of a torrent, for programs. */
export type TorrentState =
  | 'metadata'
  | 'checking'
  | 'downloading'
  | 'verifying'
  | 'seeding'
  | 'paused'
  | 'error'
  | 'stopped'

/** How a torrent stands; cheap to ask for. Sizes in bytes, rates in bytes per second. */
export interface TorrentStatus {
  readonly state: TorrentState
  /** Bytes of the selected files that are here and verified. */
  readonly done: number
  /** Bytes of the selected files; 0 until the metainfo is known. */
  readonly total: number
  readonly verifiedPieces: number
  /** While checking: pieces that were looked at. */
  readonly checkedPieces: number
  readonly downRate: number
  readonly upRate: number
  /** Since the start of this session. */
  readonly downloaded: number
  readonly uploaded: number
  /** Of all sessions, this one among them. */
  readonly history: History
  /** Received twice, or in pieces that turned out bad. */
  readonly wasted: number
  readonly peers: number
  /** Peers that have everything. */
  readonly seeds: number
  readonly etaSeconds: number | undefined
  /** How far the metainfo has come, while peers are asked for it. */
  readonly metadata: MetadataProgress | undefined
}

/** The flat SHA-256 of a file that the torrent states and the data was verified against. */
export interface FileChecksum {
  /** Below the content's folder, with `/` between components. */
  readonly path: string
  /** 32 bytes. */
  readonly sha256: Uint8Array
}

/** From when it is known that the content is right. */
export type Verified =
  /** All of it was verified in this session: as it came, or by reading it. */
  | { readonly type: 'now' }
  /**
   * Some of it was not read now: the files are unchanged since an earlier session verified them, as far as the file system
   * tells. `atMs`: when that was, in ms since 1970; undefined where it is not known.
   */
  | { readonly type: 'earlier'; readonly atMs: number | undefined }
  /** Some of it was not verified at all: the user says that it is right. */
  | { readonly type: 'never' }

export type TorrentEvent =
  /** The torrent is known by its info hash alone, and its metainfo is being fetched; `resolved` follows. */
  | { readonly type: 'metadata' }
  /** The metainfo is here. Removed now, the torrent has touched nothing of its content; else `checking` follows. */
  | { readonly type: 'resolved'; readonly metainfo: Metainfo }
  | { readonly type: 'checking' }
  | { readonly type: 'downloading' }
  | {
      readonly type: 'complete'
      /** Where the file or folder lies. */
      readonly path: string
      /** Time the download took in this session. */
      readonly seconds: number
      /** The flat SHA-256 of a torrent of one file, where it is known. */
      readonly sha256: Uint8Array | undefined
      readonly checksums: readonly FileChecksum[]
      readonly verified: Verified
    }
  /** While it is seeded, or just before `seeding` where that was so at once; told once, and the torrent goes on. */
  | { readonly type: 'goal-reached'; readonly goal: Goal }
  | { readonly type: 'seeding'; readonly port: number; readonly verified: Verified }
  /** It has no connections and looks for none until it is resumed. */
  | { readonly type: 'paused' }
  | { readonly type: 'warning'; readonly code: string; readonly message: string }
  /** The torrent has stopped for good. */
  | { readonly type: 'error'; readonly error: CodedError<string> }
