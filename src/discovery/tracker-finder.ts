import { equalBytes } from '../base/bytes.js'
import type { Gate } from '../base/gate.js'
import type { Random } from '../base/random.js'
import type { AnnouncedEncryption } from '../protocol/tracker/announce-request.js'
import { Announcer, type AnnounceTransport } from './announcer.js'
import type { FinderKind, FinderOwner, FinderStatus, PeerFinder, SoughtTorrent } from './finder.js'

/** The session, as trackers are told of it: the same for all of its torrents. */
export interface AnnouncingHost {
  readonly peerId: Uint8Array
  readonly port: number
  /** Tells trackers that it is still us when our address changes (BEP 7). */
  readonly trackerKey: number
  readonly announcedEncryption: AnnouncedEncryption | undefined
  readonly random: Random
  readonly bind: string | undefined
  readonly announceTransport: AnnounceTransport
  /** All announces go through it. */
  readonly announceGate: Gate
}

/** The trackers of a torrent. */
export interface Trackers {
  /** Addresses, by tier (BEP 12). */
  readonly tiers: readonly (readonly string[])[]
  /** Every tracker is announced to, in place of one in each tier. */
  readonly toAll: boolean
}

/**
 * Finds peers by trackers, and keeps these told about us.
 */
export function trackerFinders(host: AnnouncingHost, trackers: Trackers): FinderKind {
  return {
    source: 'tracker',
    finderFor: (torrent, owner) => new TrackerFinder(host, trackers, torrent, owner),
  }
}

interface SwarmAnnouncer {
  readonly infoHash: Uint8Array
  readonly announcer: Announcer
}

/** The trackers of one torrent, which hear of each swarm that it is in. */
class TrackerFinder implements PeerFinder {
  readonly #host: AnnouncingHost
  readonly #trackers: Trackers
  readonly #torrent: SoughtTorrent
  readonly #owner: FinderOwner
  readonly #swarms: SwarmAnnouncer[] = []
  readonly #warnings = new Set<string>()

  constructor(host: AnnouncingHost, trackers: Trackers, torrent: SoughtTorrent, owner: FinderOwner) {
    this.#host = host
    this.#trackers = trackers
    this.#torrent = torrent
    this.#owner = owner
    for (const infoHash of torrent.infoHashes) this.#announce(infoHash)
  }

  get status(): FinderStatus {
    return {
      type: 'trackers',
      swarms: this.#swarms.map(({ infoHash, announcer }) => ({ infoHash, trackers: announcer.status })),
    }
  }

  start(): void {
    for (const { announcer } of this.#swarms) announcer.start()
  }

  resolved(infoHashes: readonly Uint8Array[]): void {
    for (const infoHash of infoHashes) {
      if (!this.#swarms.some(swarm => equalBytes(swarm.infoHash, infoHash))) this.#announce(infoHash).start()
    }
  }

  completed(): void {
    for (const { announcer } of this.#swarms) announcer.completed()
  }

  wantsPeers(isWanting: boolean): void {
    for (const { announcer } of this.#swarms) announcer.wantsPeers(isWanting)
  }

  async stop(): Promise<void> {
    await Promise.all(this.#swarms.map(({ announcer }) => announcer.stop()))
  }

  #announce(infoHash: Uint8Array): Announcer {
    const host = this.#host
    const announcer = new Announcer({
      ...this.#trackers,
      infoHash,
      peerId: host.peerId,
      port: host.port,
      key: host.trackerKey,
      encryption: host.announcedEncryption,
      random: host.random,
      bind: host.bind,
      gate: host.announceGate,
      transport: host.announceTransport,
      stats: () => this.#torrent.stats(),
      onPeers: peers => this.#owner.found(peers),
      onWarning: ({ code, message }) => this.#warn(code, message),
    })
    this.#swarms.push({ infoHash, announcer })
    return announcer
  }

  /** Both swarms of a hybrid have the same trackers, and most of their warnings. */
  #warn(code: string, message: string): void {
    if (this.#warnings.has(message)) return
    this.#warnings.add(message)
    this.#owner.onWarning(code, message)
  }
}
