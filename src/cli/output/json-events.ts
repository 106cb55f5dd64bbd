/** What `--json` writes: an object a line. `Output` adds `time`. Sizes are bytes, rates bytes per second, hashes hexadecimal. */
export type JsonEvent =
  | AddedEvent
  | (OfTorrent & { readonly type: 'checking' })
  | ProgressEvent
  | CompleteEvent
  | (OfTorrent & { readonly type: 'seeding'; readonly port: number })
  | (Partial<OfTorrent> & { readonly type: 'warning'; readonly code: string; readonly message: string })
  | (Partial<OfTorrent> & { readonly type: 'error'; readonly code: string; readonly message: string })
  | StoppedEvent
  | ({ readonly type: 'made'; readonly path: string } & TorrentFacts)
  | ({ readonly type: 'draft'; readonly path: string } & Omit<TorrentFacts, 'infoHashV1' | 'infoHashV2'>)
  | (TorrentFacts & TorrentDetails & { readonly type: 'info' })
  | (MagnetFacts & { readonly type: 'info' })
  | CheckedEvent
  | { readonly type: 'magnet'; readonly magnet: string }
  | { readonly type: 'listening'; readonly port: number; readonly urls: readonly string[] }

/** Which torrent it is about, since `get` and `seed` take several: its v1 info hash, or v2 where it has no other. */
interface OfTorrent {
  readonly infoHash: string
}

/** Why `get` or `seed` left a torrent. */
export type StopReason = 'signal' | 'complete' | 'ratio' | 'seed-time' | 'error'

export interface TorrentFacts {
  readonly name: string
  readonly infoHashV1?: string
  readonly infoHashV2?: string
  readonly size: number
  readonly pieceLength: number
  readonly pieceCount: number
  readonly files: readonly JsonFile[]
}

export interface JsonFile {
  /** With `/` between components, below the content's folder. */
  readonly path: string
  readonly length: number
  readonly sha256?: string
}

export interface TorrentDetails {
  readonly version: string
  readonly private: boolean
  readonly trackers: readonly (readonly string[])[]
  readonly webSeeds: readonly string[]
  readonly source?: string
  readonly comment?: string
  readonly createdBy?: string
  /** ISO 8601. */
  readonly creationDate?: string
  readonly magnet: string
  readonly warnings: readonly string[]
}

interface AddedEvent extends OfTorrent, TorrentFacts {
  readonly type: 'added'
}

interface ProgressEvent extends OfTorrent {
  readonly type: 'progress'
  readonly done: number
  readonly total: number
  /** Pieces that were verified. */
  readonly verified: number
  readonly down: number
  readonly up: number
  /** Bytes of blocks since it was added, those that were of no use among them. */
  readonly downloaded: number
  readonly uploaded: number
  readonly peers: number
  /** Seconds; left out where nobody knows. */
  readonly eta?: number
}

interface StoppedEvent extends OfTorrent {
  readonly type: 'stopped'
  readonly reason: StopReason
  readonly downloaded: number
  readonly uploaded: number
}

interface CompleteEvent extends OfTorrent {
  readonly type: 'complete'
  readonly path: string
  readonly seconds: number
  readonly sha256?: string
  /** The files whose own SHA-256 the publisher stored, and that were found to agree. */
  readonly checksums?: readonly { readonly path: string; readonly sha256: string }[]
}

export interface MagnetFacts {
  readonly name?: string
  readonly infoHashV1?: string
  readonly infoHashV2?: string
  readonly trackers: readonly (readonly string[])[]
  readonly webSeeds: readonly string[]
}

interface CheckedEvent {
  readonly type: 'checked'
  readonly ok: boolean
  readonly pieceCount: number
  readonly badPieces: number
  readonly files: readonly { readonly path: string; readonly state: string }[]
}
