import type { Bitfield } from '../base/bitfield.js'
import type { ContentReport } from '../client/check-content.js'
import type { DraftOptions, TorrentDraft, WorkOptions } from '../client/create/draft-torrent.js'
import type { ContentPreview, PreviewOptions } from '../client/preview-content.js'
import type { ScrapeTrackersOptions, TrackerScrape } from '../client/scrape-trackers.js'
import type { Magnet } from '../protocol/magnet.js'
import type { Metainfo } from '../protocol/metainfo/metainfo.js'
import type { SessionOptions, SessionPort } from './session/session-port.js'

/** The services that commands use; each command names its own. Tests replace them. */
export interface Services {
  /** Throws `MetainfoError`. */
  parseMetainfo(bytes: Uint8Array): Promise<Metainfo>
  /** Throws `MagnetError`. */
  parseMagnet(text: string): Promise<Magnet>
  /**
   * The magnet link, which holds no user names and passwords.
   * @param selected the files that it selects, as `Selection.selected`
   */
  toMagnet(metainfo: Metainfo, selected?: Bitfield): Promise<string>
  /** The bytes of a .torrent of metainfo that came from peers. */
  wrapInfo(metainfo: Metainfo): Promise<Uint8Array>
  /** Scans a file or a folder and lays out a torrent of it; nothing is hashed yet. Throws `DiskError`, `MetainfoError`. */
  draftTorrent(path: string, options: DraftOptions): Promise<TorrentDraft>
  /** Compares what lies in `dir` with a torrent. Throws `DiskError`. */
  checkContent(metainfo: Metainfo, dir: string, options: WorkOptions): Promise<ContentReport>
  /** What a download into `dir` would do. Throws `DiskError`. */
  previewContent(metainfo: Metainfo, dir: string, options: PreviewOptions): Promise<ContentPreview>
  /** Asks trackers about swarms, by info hashes of 20 bytes. */
  scrapeTrackers(
    urls: readonly string[],
    infoHashes: readonly Uint8Array[],
    options: ScrapeTrackersOptions,
  ): Promise<readonly TrackerScrape[]>
  /** Throws `ListenError`. */
  listenTracker(options: TrackerOptions): Promise<Tracker>
  /** Throws `ListenError`. */
  openSession(options: SessionOptions): Promise<SessionPort>
}

export interface TrackerOptions {
  readonly port: number
  readonly bind?: string | undefined
  readonly intervalSeconds?: number | undefined
}

export interface Tracker extends AsyncDisposable {
  readonly port: number
  /** The announce URLs, the one that most hosts can use first. */
  readonly urls: readonly string[]
  /** Gives a torrent a name on the tracker's page. One info hash of 20 bytes, or both of a hybrid, v1 first. */
  nameTorrent(infoHashes: readonly Uint8Array[], name: string): void
}
