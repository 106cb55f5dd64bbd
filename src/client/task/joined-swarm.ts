import { VERSION } from '../../base/version.js'
import type { FinderReport } from '../../discovery/finders.js'
import { isMetadataGiven, isSourceAllowed } from '../../discovery/private-torrents.js'
import type { LayeredFile } from '../../engine/hashes/layered-file.js'
import type { WantedPieces } from '../../engine/pick/wanted-pieces.js'
import { Torrent } from '../../engine/torrent.js'
import type { TorrentWorld } from '../../engine/world.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import { lacksLayers } from '../../protocol/metainfo/piece-layers.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import type { PeerSource } from '../../protocol/peer-source.js'
import { nodeDigests } from '../digests.js'
import { DiskError } from '../disk/disk-error.js'
import type { Storage } from '../disk/storage.js'
import { inTurns } from '../in-turns.js'
import type { TorrentLimits } from '../limits/rate-limits.js'
import { ContentSwarm } from '../net/content-swarm.js'
import { wireHashes } from '../net/swarm.js'
import type { History } from '../resume/history.js'
import type { Progress } from '../resume/resume-keeper.js'
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
  /** The wanted pieces, and those that are verified. Updated by the engine. */
  readonly wanted: WantedPieces
  readonly listener: TaskListener
}

/**
 * A torrent among its peers: joins the engine's torrent to the session's sockets, the storage and the finders of peers. Exists
 * from the end of the check on.
 */
export class JoinedSwarm {
  /** The wanted pieces, and those that are verified. */
  readonly wanted: WantedPieces
  readonly swarm: ContentSwarm
  readonly #parts: JoinedSwarmParts
  /** Of this time among the peers, or of the last one. */
  #finders: TorrentFinders | undefined
  /** There was nothing to download when it was entered. */
  #wasComplete = false
  #isAway = true
  #areLayersTaken = false

  constructor(parts: JoinedSwarmParts) {
    const { limits, content, wanted } = parts
    this.wanted = wanted
    this.#parts = parts
    this.swarm = new ContentSwarm(content.metainfo, () => this.#awake(), content.storage, limits)
  }

  /** The status of the finders of peers; empty before it has joined the swarm. */
  get finders(): readonly FinderReport[] {
    return this.#finders?.all.status ?? []
  }

  /** The piece layers of all files, where some were missing at first and all are here: once. */
  takeLayers(): ReadonlyMap<string, Uint8Array> | undefined {
    const { metainfo, hashes } = this.#parts.content
    if (this.#areLayersTaken || this.swarm.awakeTorrent?.hashExchange?.isComplete !== true) return undefined
    this.#areLayersTaken = true
    return lacksLayers(metainfo) ? hashes.layers : undefined
  }

  /** The state to be saved. */
  get progress(): Progress {
    return this.#parts.tally.progress(this.wanted, this.swarm.awakeTorrent)
  }

  /** Over all sessions. */
  get history(): History {
    return this.#parts.tally.history(this.#parts.content.resume, this.swarm.awakeTorrent)
  }

  /**
   * Lets peers in and looks for them, at first or after `leave`; then only once that has resolved.
   * @param peers those that the user named: the first to connect to
   * @param fetch how the metainfo was fetched, where its finders still look for peers: they, their addresses and its connections are
   *   taken over
   */
  enter(peers: readonly PeerAddress[], fetch: MetadataFetch | undefined): void {
    this.#isAway = false
    this.#wasComplete = this.wanted.have.isFull
    const found = this.#foundPeers()
    this.#finders = fetch?.finders ?? new TorrentFinders(this.#parts, this.#parts.content.metainfo, found)
    this.#finders.hand(found)
    if (fetch !== undefined) {
      const { metainfo } = this.#parts.content
      const isAllowed = (source: PeerSource) => isSourceAllowed(source, metainfo)
      this.swarm.torrent.candidates.takeOver(fetch.swarm.torrent.candidates, isAllowed)
      this.swarm.namedPeers.name(peers)
      this.#parts.host.handOver(fetch.swarm, this.swarm)
      fetch.end()
    }
    this.swarm.awakeTorrent?.retryCandidates()
    this.addPeers(peers)
    if (fetch === undefined) this.#finders.all.start()
  }

  /** Peers that the user named. */
  addPeers(peers: readonly PeerAddress[]): void {
    if (peers.length === 0) return
    this.swarm.namedPeers.name(peers)
    this.swarm.torrent.addCandidates(peers, 'user')
  }

  /** All that is wanted is here and right. A torrent of which more is missing is not complete to others (BEP 21). */
  completed(): void {
    if (!this.#wasComplete && this.wanted.have.isFull) this.#finders?.all.completed()
  }

  /** Ends the connections, begins no more, and resolves when the trackers are told. */
  async leave(): Promise<void> {
    this.#isAway = true
    const told = this.#finders?.all.stop()
    this.#parts.host.endConnections(this.swarm)
    await told
  }

  onSecond(now: number): void {
    this.swarm.awakeTorrent?.onSecond()
    this.#finders?.all.onSecond(now)
  }

  /** Trackers are told that what is missing of the whole torrent is left, also where less is wanted (BEP 21). */
  #foundPeers(): FoundPeers {
    const { swarm, wanted } = this
    const { tally, content } = this.#parts
    return {
      found: (addresses, source) => swarm.torrent.addCandidates(addresses, source),
      get wantsPeers() {
        return swarm.awakeTorrent?.wantsPeers ?? true
      },
      get stats() {
        const { uploaded, downloaded } = tally.transferred(swarm.awakeTorrent)
        const left = wanted.have.isFull ? 0 : Math.max(1, content.metainfo.size - tally.done.all)
        return { uploaded, downloaded, left, isPartialSeed: wanted.isDone && !wanted.have.isFull }
      },
    }
  }

  /** The first peer comes: until then nothing is received or read, and thousands of torrents rest. */
  #awake(): Torrent {
    const { host, options, content, wanted, listener } = this.#parts
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
    const { host } = this.#parts
    return {
      random: host.random,
      now: () => host.now(),
      mayConnect: () => !this.#isAway && host.mayConnect(swarm),
      hasPlace: () => !this.#isAway && host.hasPlace(swarm),
      connect: (address, attempt) => {
        const infoHash = swarm.hashForAttempt(attempt)
        if (!this.#isAway && infoHash !== undefined) host.connect(swarm, address, infoHash)
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
