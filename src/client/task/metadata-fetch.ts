import { VERSION } from '../../base/version.js'
import { MetadataTorrent } from '../../engine/metadata/metadata-torrent.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import { nodeDigests } from '../digests.js'
import { inTurns } from '../in-turns.js'
import type { TorrentLimits } from '../limits/rate-limits.js'
import { MetadataSwarm } from '../net/metadata-swarm.js'
import type { AddOptions, TaskHost } from './task-host.js'
import type { TaskListener } from './task-listener.js'
import { TorrentFinders } from './torrent-finders.js'
import type { UnresolvedTorrent } from './unresolved-torrent.js'

export interface MetadataFetchParts {
  readonly host: TaskHost
  readonly options: AddOptions
  readonly limits: TorrentLimits
  readonly listener: TaskListener
}

/**
 * A torrent without its metainfo among its peers: joins the engine's part of it to the session's sockets and the finders of peers. It
 * keeps its connections until the content is checked, and then hands over all of them, with the addresses and the finders.
 */
export class MetadataFetch {
  readonly swarm: MetadataSwarm
  readonly finders: TorrentFinders
  /** The bytes that the info hash covers. It never rejects, and stays pending where none come. */
  readonly metadata: Promise<Uint8Array>
  readonly #host: TaskHost
  #hasLeft = false
  #fetched: (metadata: Uint8Array) => void = () => {}

  constructor(parts: MetadataFetchParts, torrent: UnresolvedTorrent) {
    const { host, limits } = parts
    this.#host = host
    this.metadata = new Promise(resolve => {
      this.#fetched = resolve
    })
    this.swarm = new MetadataSwarm(torrent, this.#makeTorrent(parts, torrent), limits)
    const engine = this.swarm.torrent
    this.finders = new TorrentFinders(
      parts,
      { ...torrent, isPrivate: false },
      {
        found: (addresses, source) => engine.addCandidates(addresses, source),
        get wantsPeers() {
          return engine.wantsPeers
        },
        // How much is missing is not known; trackers take 0 for a seeder.
        stats: { uploaded: 0, downloaded: 0, left: Math.max(1, torrent.size ?? 1), isPartialSeed: false },
      },
    )
  }

  /** @param peers those that the user named: the first to connect to */
  start(peers: readonly PeerAddress[]): void {
    this.addPeers(peers)
    this.finders.all.start()
  }

  /** Peers that the user named. */
  addPeers(peers: readonly PeerAddress[]): void {
    this.swarm.namedPeers.name(peers)
    this.swarm.torrent.addCandidates(peers, 'user')
  }

  onSecond(now: number): void {
    this.swarm.torrent.onSecond()
    this.finders.all.onSecond(now)
  }

  /** The metainfo is here. */
  resolved(metainfo: Metainfo): void {
    this.finders.resolved(metainfo)
  }

  /** Ends the connections, and begins no more. */
  end(): void {
    this.#hasLeft = true
    this.#host.endConnections(this.swarm)
  }

  /** Ends the finders as well; resolves when the trackers are told. */
  leave(): Promise<void> {
    this.end()
    return this.finders.all.stop()
  }

  #makeTorrent({ host, listener }: MetadataFetchParts, torrent: UnresolvedTorrent): MetadataTorrent {
    return new MetadataTorrent(
      {
        infoHashV1: torrent.infoHashV1,
        infoHashV2: torrent.infoHashV2,
        digests: nodeDigests,
        peerId: host.peerId,
        maxPeers: host.maxPeers,
        client: `torrent/${VERSION}`,
        listenPort: host.port,
        prefersEncryption: host.announcedEncryption !== undefined,
      },
      {
        now: () => host.now(),
        mayConnect: () => !this.#hasLeft && host.mayConnect(this.swarm),
        hasPlace: () => !this.#hasLeft && host.hasPlace(this.swarm),
        connect: (address, attempt) => {
          const infoHash = this.swarm.hashForAttempt(attempt)
          if (!this.#hasLeft && infoHash !== undefined) host.connect(this.swarm, address, infoHash)
        },
        onBanned: (address, piece) => listener.onBanned(address, piece),
        workInTurns: steps => void inTurns(steps),
        fetched: metadata => this.#fetched(metadata),
      },
    )
  }
}
