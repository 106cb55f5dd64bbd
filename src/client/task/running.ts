import type { Bitfield } from '../../base/bitfield.js'
import type { SoughtTorrent } from '../../discovery/finder.js'
import { Finders } from '../../discovery/finders.js'
import { trackerFinders } from '../../discovery/tracker-finder.js'
import type { Metainfo } from '../../protocol/metainfo/metainfo.js'
import type { PieceHashes } from '../../protocol/metainfo/piece-hashes.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import type { Storage } from '../disk/storage.js'
import type { TorrentLimits } from '../limits/rate-limits.js'
import { ContentSwarm } from '../net/content-swarm.js'
import { wireHashes } from '../net/swarm.js'
import { type EngineOwner, makeEngine } from './make-engine.js'
import type { AddOptions, TaskHost } from './task-host.js'

/** The parts of a torrent that exist from the end of the check on. */
export interface Running {
  /** Verified pieces; the engine adds to them. */
  readonly have: Bitfield
  readonly swarm: ContentSwarm
  readonly finders: Finders
}

/** What is checked, and what it goes on with. */
export interface RunningParts {
  readonly metainfo: Metainfo
  readonly options: AddOptions
  readonly hashes: PieceHashes
  readonly storage: Storage
  readonly limits: TorrentLimits
  readonly have: Bitfield
}

export interface RunningOwner extends EngineOwner {
  /** Bytes of content that are missing, as far as they are counted. */
  left(): number
  onWarning(code: string, message: string): void
  /** The engine is about to be made, since the first peer comes. */
  onAwake(): void
}

/** Joins the parts; nobody is told of the torrent yet. */
export function joinParts(host: TaskHost, owner: RunningOwner, parts: RunningParts): Running {
  const { metainfo, options, hashes, storage, limits, have } = parts
  const { pick = 'random', usePeerExchange = true, upload } = options
  const swarm = new ContentSwarm(
    metainfo,
    () => {
      owner.onAwake()
      return makeEngine(metainfo, host, owner, { storage, hashes, have, pick, usePeerExchange, upload })
    },
    storage,
    limits,
  )
  return { have, swarm, finders: joinFinders(host, owner, parts, swarm) }
}

/** The trackers of the torrent, and the session's other ways to find peers. */
function joinFinders(
  host: TaskHost,
  owner: RunningOwner,
  { metainfo, options, have }: RunningParts,
  swarm: ContentSwarm,
): Finders {
  const { useTrackers = true, trackers = [] } = options
  const tiers = [...(useTrackers ? metainfo.trackers : []), ...trackers]
  const kinds = tiers.length > 0 ? [trackerFinders(host, tiers), ...host.finders] : host.finders
  const { v1, v2 } = wireHashes(metainfo)
  const torrent: SoughtTorrent = {
    infoHashes: [v1, v2].filter(hash => hash !== undefined),
    isPrivate: metainfo.isPrivate,
    stats: () => ({
      uploaded: swarm.awakeTorrent?.uploader.sent.total ?? 0,
      downloaded: swarm.awakeTorrent?.downloader.received.total ?? 0,
      left: have.isFull ? 0 : Math.max(1, owner.left()),
    }),
  }
  return new Finders(kinds, torrent, {
    found: (addresses, source) => swarm.torrent.addCandidates(addresses, source),
    wantsPeers: () => swarm.awakeTorrent?.wantsPeers ?? true,
    onWarning: (code, message) => owner.onWarning(code, message),
  })
}

/** The first peers to connect to: those that the user named. */
export function namePeers({ swarm }: Running, peers: readonly PeerAddress[]): void {
  if (peers.length === 0) return
  swarm.namedPeers.name(peers)
  swarm.torrent.addCandidates(peers, 'user')
}
