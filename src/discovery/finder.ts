import type { PeerAddress } from '../protocol/peer-address.js'
import type { PeerSource } from '../protocol/peer-source.js'
import type { TrackerStatus } from './tracker-record.js'

/** The figures of a torrent that trackers are told. */
export interface TorrentStats {
  /** Bytes sent and received in this session. */
  readonly uploaded: number
  readonly downloaded: number
  /** Bytes of the whole torrent that are missing. */
  readonly left: number
  /** Something is missing, and nothing more is wanted (BEP 21). */
  readonly isPartialSeed: boolean
}

/** The torrent that peers are looked for. */
export interface SoughtTorrent {
  /**
   * The hashes of 20 bytes by which peers know it: a hybrid, which is in two swarms, has two, v1 first. Until the metainfo is known,
   * those that are known.
   */
  readonly infoHashes: readonly Uint8Array[]
  /** False until the metainfo is known. */
  readonly isPrivate: boolean
  stats(): TorrentStats
}

/** The user of a finder. Nothing is called after the finder was stopped. */
export interface FinderOwner {
  found(addresses: readonly PeerAddress[]): void
  /** @param message one line for people */
  onWarning(code: string, message: string): void
}

/** The status of a finder, for people. */
export type FinderStatus =
  | { readonly type: 'searching' }
  /** Of each swarm of the torrent. */
  | { readonly type: 'trackers'; readonly swarms: readonly SwarmTrackers[] }
  /** It is announced in the local network, on the interfaces of these names (BEP 14). */
  | { readonly type: 'local'; readonly interfaces: readonly string[] }
  /** It finds no peers, for the reason in `message`. */
  | { readonly type: 'failed'; readonly code: string; readonly message: string }

interface SwarmTrackers {
  readonly infoHash: Uint8Array
  readonly trackers: readonly TrackerStatus[]
}

/** Finds peers of one torrent. A `CodedError` that it throws ends this finder and no other. */
export interface PeerFinder {
  readonly status: FinderStatus
  /** Begins to look for peers, and to tell them of us. */
  start(): void
  /** Announces that we leave, and ends. Called again, it gives up on announces that are still under way. */
  stop(): Promise<void>
  /** The metainfo of the torrent has come: it may have another hash besides. */
  resolved?(infoHashes: readonly Uint8Array[]): void
  /** The download is complete. */
  completed?(): void
  /** Tells whether the torrent has places for more peers (at first: yes). */
  wantsPeers?(isWanting: boolean): void
}

/** One way to find peers, which makes a finder for each torrent. */
export interface FinderKind {
  /** Of all that its finders find. */
  readonly source: PeerSource
  /** @throws {import('../base/errors.js').CodedError} where there can be none for this torrent */
  finderFor(torrent: SoughtTorrent, owner: FinderOwner): PeerFinder
}
