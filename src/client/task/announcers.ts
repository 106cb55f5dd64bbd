import type { Gate } from '../../base/gate.js'
import type { Random } from '../../base/random.js'
import { Announcer } from '../../discovery/announcer.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { AnnouncedEncryption } from '../../protocol/tracker/announce-request.js'
import { type Swarm, wireHashes } from '../net/swarm.js'

/** Who announces: the same for all torrents of a host. */
export interface AnnouncingHost {
  readonly peerId: Uint8Array
  readonly port: number
  /** Tells trackers that it is still us when our address changes (BEP 7). */
  readonly trackerKey: number
  readonly announcedEncryption: AnnouncedEncryption | undefined
  readonly random: Random
  readonly bind: string | undefined
  /** All announces go through it. */
  readonly announceGate: Gate
}

export interface AnnounceOptions {
  /** A hybrid is announced under both of its hashes. */
  readonly metainfo: Metainfo
  /** Whether the trackers that the torrent names are told. */
  readonly useTrackers: boolean
  /** Tiers besides those of the torrent (BEP 12). */
  readonly trackers: readonly (readonly string[])[]
  readonly swarm: Swarm
  /** Bytes of content that are missing. */
  left(): number
  onWarning(code: string, message: string): void
}

const NOWHERE = { v1: undefined, v2: undefined }

/** Keeps the trackers of one torrent told, in each swarm that it is in. */
export class Announcers {
  readonly #announcers: readonly Announcer[]

  constructor(host: AnnouncingHost, options: AnnounceOptions) {
    const { swarm, metainfo } = options
    const tiers = [...(options.useTrackers ? metainfo.trackers : []), ...options.trackers]
    const { v1, v2 } = tiers.length > 0 ? wireHashes(metainfo) : NOWHERE
    const told = new Set<string>()
    this.#announcers = [v1, v2]
      .filter(hash => hash !== undefined)
      .map(
        infoHash =>
          new Announcer({
            tiers,
            infoHash,
            peerId: host.peerId,
            port: host.port,
            key: host.trackerKey,
            encryption: host.announcedEncryption,
            random: host.random,
            bind: host.bind,
            gate: host.announceGate,
            stats: () => ({
              uploaded: swarm.awakeTorrent?.uploader.sent.total ?? 0,
              downloaded: swarm.awakeTorrent?.downloader.received.total ?? 0,
              left: options.left(),
            }),
            wantsPeers: () => swarm.awakeTorrent?.wantsPeers ?? true,
            onPeers: peers => swarm.torrent.addCandidates(peers, 'tracker'),
            onWarning: ({ code, message }) => {
              // Both swarms of a hybrid have the same trackers.
              if (told.has(message)) return
              told.add(message)
              options.onWarning(code, message)
            },
          }),
      )
  }

  start(): void {
    for (const announcer of this.#announcers) announcer.start()
  }

  completed(): void {
    for (const announcer of this.#announcers) announcer.completed()
  }

  async stop(): Promise<void> {
    await Promise.all(this.#announcers.map(announcer => announcer.stop()))
  }
}
