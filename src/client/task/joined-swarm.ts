import { VERSION } from '../../base/version.js'
import type { Finders } from '../../discovery/finders.js'
import { isMetadataGiven, isSourceAllowed } from '../../discovery/private-torrents.js'
import type { LayeredFile } from '../../engine/hashes/layered-file.js'
import type { WantedPieces } from '../../engine/pick/wanted-pieces.js'
import { Torrent } from '../../engine/torrent.js'
import type { TorrentWorld } from '../../engine/world.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import { nodeDigests } from '../digests.js'
import { DiskError } from '../disk/disk-error.js'
import type { Storage } from '../disk/storage.js'
import { inTurns } from '../in-turns.js'
import type { TorrentLimits } from '../limits/rate-limits.js'
import { ContentSwarm } from '../net/content-swarm.js'
import { wireHashes } from '../net/swarm.js'
import type { Content } from './content.js'
import type { MetadataFetch } from './metadata-fetch.js'
import type { SessionTally } from './session-tally.js'
import type { AddOptions, TaskHost } from './task-host.js'
import type { TaskListener } from './task-listener.js'
import { type FoundPeers, TorrentFinders } from './torrent-finders.js'

export interface JoinedSwarmParts {
  readonly host: TaskHost
  readonly options: AddOptions
  readonly limits: TorrentLimits
  readonly tally: SessionTally
  readonly content: Content
  /** Which pieces are wanted and which are here; the engine keeps it. */
  readonly wanted: WantedPieces
  readonly listener: TaskListener
  /** How the metainfo was fetched, where peers gave it in this session. */
  readonly fetch: MetadataFetch | undefined
}

/**
 * A torrent among its peers: joins the engine's torrent to the session's sockets, the storage and the finders of peers. Exists
 * from the end of the check on.
 */
export class JoinedSwarm {
  /** Which pieces are wanted, and which are here. */
  readonly wanted: WantedPieces
  readonly swarm: ContentSwarm
  readonly #finders: TorrentFinders
  readonly #host: TaskHost
  readonly #fetch: MetadataFetch | undefined
  /** There was nothing to download. */
  readonly #wasComplete: boolean
  #hasLeft = false

  constructor(parts: JoinedSwarmParts) {
    const { host, limits, content, wanted, fetch } = parts
    this.wanted = wanted
    this.#host = host
    this.#fetch = fetch
    this.#wasComplete = wanted.have.isFull
    this.swarm = new ContentSwarm(content.metainfo, () => this.#awake(parts), content.storage, limits)
    const peers = this.#foundPeers(parts)
    this.#finders = fetch?.finders ?? new TorrentFinders(parts, content.metainfo, peers)
    this.#finders.hand(peers)
  }

  /** What finds peers. */
  get finders(): Finders {
    return this.#finders.all
  }

  /** @param peers those that the user named: the first to connect to */
  start(peers: readonly PeerAddress[]): void {
    this.swarm.namedPeers.name(peers)
    if (this.#fetch === undefined) {
      if (peers.length > 0) this.swarm.torrent.addCandidates(peers, 'user')
      this.finders.start()
    } else {
      this.swarm.torrent.candidates.takeOver(this.#fetch.swarm.torrent.candidates)
      this.#fetch.end()
      this.swarm.torrent.addCandidates(peers, 'user')
    }
  }

  /** All that is wanted is here and right. A torrent of which more is missing is not complete to others (BEP 21). */
  completed(): void {
    if (!this.#wasComplete && this.wanted.have.isFull) this.finders.completed()
  }

  /** Ends the connections, begins no more, and resolves when the trackers are told. */
  leave(): Promise<void> {
    this.#hasLeft = true
    const told = this.finders.stop()
    this.#host.endConnections(this.swarm)
    return told
  }

  onSecond(now: number): void {
    this.swarm.awakeTorrent?.onSecond()
    this.finders.onSecond(now)
  }

  /** Trackers are told that what is missing of the whole torrent is left, also where less is wanted (BEP 21). */
  #foundPeers({ content, tally }: JoinedSwarmParts): FoundPeers {
    const { swarm, wanted } = this
    return {
      found: (addresses, source) => swarm.torrent.addCandidates(addresses, source),
      get wantsPeers() {
        return swarm.awakeTorrent?.wantsPeers ?? true
      },
      get stats() {
        return {
          uploaded: swarm.awakeTorrent?.uploader.sent.total ?? 0,
          downloaded: swarm.awakeTorrent?.downloader.received.total ?? 0,
          left: wanted.have.isFull ? 0 : Math.max(1, content.metainfo.size - tally.done.all),
          isPartialSeed: wanted.isDone && !wanted.have.isFull,
        }
      },
    }
  }

  /** The first peer comes: until then nothing is received or read, and thousands of torrents rest. */
  #awake(parts: JoinedSwarmParts): Torrent {
    const { host, options, content, wanted, listener } = parts
    const { metainfo, storage, hashes } = content
    const { v1, v2 } = wireHashes(metainfo)
    storage.listen(listener)
    return new Torrent(
      {
        infoHash: v1 ?? v2 ?? new Uint8Array(20),
        peerId: host.peerId,
        map: storage.map,
        hashes,
        layeredFiles: layeredFiles(metainfo),
        wanted,
        pick: options.pick ?? 'random',
        upload: options.upload,
        digests: nodeDigests,
        maxPeers: host.maxPeers,
        client: `torrent/${VERSION}`,
        listenPort: host.port,
        prefersEncryption: host.announcedEncryption !== undefined,
        metadata: isMetadataGiven(metainfo) ? metainfo.infoBytes : undefined,
        exchangesPeers: (options.usePeerExchange ?? true) && isSourceAllowed('pex', metainfo),
      },
      this.#world(storage, listener),
    )
  }

  #world(storage: Storage, listener: TaskListener): TorrentWorld {
    const { swarm } = this
    const host = this.#host
    return {
      random: host.random,
      now: () => host.now(),
      mayConnect: () => !this.#hasLeft && host.mayConnect(swarm),
      hasPlace: () => !this.#hasLeft && host.hasPlace(swarm),
      connect: (address, attempt) => {
        const infoHash = swarm.hashForAttempt(attempt)
        if (!this.#hasLeft && infoHash !== undefined) host.connect(swarm, address, infoHash)
      },
      workInTurns: steps => void inTurns(steps),
      digestBlocks: (piece, use) => void digestBlocks(storage, piece, use),
      discardPiece: piece => storage.discard(piece),
      completed: () => listener.onAllPieces(),
      onBanned: (address, piece) => listener.onBanned(address, piece),
    }
  }
}

async function digestBlocks(
  storage: Storage,
  piece: number,
  use: (digests: Uint8Array | undefined) => void,
): Promise<void> {
  try {
    use(await storage.digestBlocks(piece))
  } catch (error) {
    if (!(error instanceof DiskError)) throw error
    use(undefined)
  }
}

function layeredFiles({ entries, pieceLength }: Metainfo): LayeredFile[] {
  const files: LayeredFile[] = []
  for (const entry of entries) {
    if (entry.length <= pieceLength || entry.type !== 'file' || entry.piecesRoot === undefined) continue
    const { length, piecesRoot, offset } = entry
    files.push({ length, piecesRoot, firstPiece: offset / pieceLength })
  }
  return files
}
