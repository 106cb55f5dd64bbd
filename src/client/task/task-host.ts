import type { FinderKind } from '../../discovery/finder.js'
import type { AnnouncingHost } from '../../discovery/tracker-finder.js'
import type { PickOrder } from '../../engine/pick/make-strategy.js'
import type { Selection } from '../../engine/pick/selection.js'
import type { UploadOptions } from '../../engine/upload/uploader.js'
import type { Info, Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import type { PathClaims } from '../claims/path-claims.js'
import type { DiskPool } from '../disk/disk-pool.js'
import type { RateLimits, Rates } from '../limits/rate-limits.js'
import type { ContentSwarm } from '../net/content-swarm.js'
import type { PeerSnapshot } from '../net/peer-snapshot.js'
import type { Swarm } from '../net/swarm.js'
import type { KeepingHost } from '../resume/resume-keeper.js'
import type { Goals } from './goals.js'
import type { TorrentIdentity } from './unresolved-torrent.js'

/** How a torrent is to be taken up. */
export interface AddOptions {
  /** The folder in which the content lies or comes to lie. */
  readonly dir: string
  /** `seed` takes data that is not complete as an error. */
  readonly mode: 'get' | 'seed'
  readonly pick?: PickOrder | undefined
  /**
   * Which files are wanted, and how much: called once, as soon as the metainfo is known. What it throws as a `CodedError` ends the
   * torrent. Default: all of them.
   */
  readonly selection?: ((info: Info) => Selection) | undefined
  readonly upload?: Partial<UploadOptions> | undefined
  /** `complete` comes only once all of the content is on the disk for sure. */
  readonly sync?: boolean | undefined
  /**
   * What is told by `goal-reached` once it is, while the torrent is seeded; it goes on. Without a time to seed for, seeding time is
   * not remembered, so that the state of thousands of torrents that only wait for peers need not be written when they stop.
   */
  readonly goals?: Goals | undefined
  /** Hash everything anew, whatever was known. */
  readonly recheck?: boolean | undefined
  /** `get`: cut files that are longer than they should be, where they hold the torrent's data; else they are an error. */
  readonly truncate?: boolean | undefined
  /** Take the data as complete without looking: it was `hashed` a moment ago, or the user says that it is (`unread`). */
  readonly trustData?: 'hashed' | 'unread' | undefined
  /** Tiers besides those of the torrent. */
  readonly trackers?: readonly (readonly string[])[] | undefined
  readonly useTrackers?: boolean | undefined
  /** Announces to every tracker, in place of one in each tier. Default: false. */
  readonly allTrackers?: boolean | undefined
  readonly peers?: readonly PeerAddress[] | undefined
  /** Of this torrent, besides those of the session. */
  readonly limits?: Rates | undefined
  /** Whether peers may tell of other peers (BEP 11); they never do for a private torrent. Default: true. */
  readonly usePeerExchange?: boolean | undefined
}

/** The session as its torrents see it. */
export interface TaskHost extends AnnouncingHost, KeepingHost {
  readonly pool: DiskPool
  readonly maxPeers: number
  readonly limits: RateLimits
  /** The ways to find peers besides trackers. */
  readonly finders: readonly FinderKind[]
  /** Which torrent owns which path. */
  readonly claims: PathClaims
  /**
   * A torrent that was added by an info hash has its metainfo, and is found by each hash of it from now on.
   * @throws {import('../session-error.js').SessionError} `duplicate`: another torrent is known by one of them
   */
  resolved(identity: TorrentIdentity, metainfo: Metainfo): void
  /** Milliseconds from any beginning. */
  now(): number
  /** Whether one more connection may be begun for a torrent. */
  mayConnect(swarm: Swarm): boolean
  /** Whether a connection that has come in may stay without taking another's place of the same torrent. */
  hasPlace(swarm: Swarm): boolean
  connect(swarm: Swarm, address: PeerAddress, infoHash: Uint8Array): void
  /** Blocks that were read for uploads are here: peers that wait for them are served. */
  flushUploads(swarm: Swarm): void
  /** There is memory for blocks again: receivers that waited longest go on first. */
  resumeWaiting(): void
  endConnections(swarm: Swarm): void
  /** The metainfo of a torrent is here: its connections go on with the content. Those that cannot are ended. */
  handOver(from: Swarm, to: ContentSwarm): void
  /** The peers with which a conversation has begun, as they stand now. */
  peersOf(swarm: Swarm): readonly PeerSnapshot[]
}
