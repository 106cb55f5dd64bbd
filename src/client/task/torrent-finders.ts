import type { SoughtTorrent } from '../../discovery/finder.js'
import { Finders } from '../../discovery/finders.js'
import { trackerFinders } from '../../discovery/tracker-finder.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import type { PeerSource } from '../../protocol/peer-source.js'
import { type SwarmHashes, wireHashList } from '../net/swarm.js'
import type { AddOptions, TaskHost } from './task-host.js'
import type { TaskListener } from './task-listener.js'

/** The peers of a torrent as its finders see them. */
export interface FoundPeers {
  found(addresses: readonly PeerAddress[], source: PeerSource): void
  /** Whether there are places for more. */
  readonly wantsPeers: boolean
  /** As `SoughtTorrent.stats`. */
  readonly stats: ReturnType<SoughtTorrent['stats']>
}

/** The facts about a torrent that finders need; a metainfo has all of them. */
export interface FindableTorrent extends SwarmHashes {
  readonly trackers: readonly (readonly string[])[]
  /** False while it is not known. */
  readonly isPrivate: boolean
}

export interface TorrentFindersParts {
  readonly host: TaskHost
  readonly options: AddOptions
  readonly listener: TaskListener
}

/**
 * The trackers of a torrent, and the session's other ways to find peers. They stay the same when its metainfo comes: trackers must not
 * hear that we leave only to hear that we are back.
 */
export class TorrentFinders {
  readonly all: Finders
  #peers: FoundPeers

  /** @param peers what hears of peers at first */
  constructor({ host, options, listener }: TorrentFindersParts, torrent: FindableTorrent, peers: FoundPeers) {
    this.#peers = peers
    const { useTrackers = true, trackers = [], allTrackers: toAll = false } = options
    const tiers = [...(useTrackers ? torrent.trackers : []), ...trackers]
    const kinds = tiers.length > 0 ? [trackerFinders(host, { tiers, toAll }), ...host.finders] : host.finders
    const sought = { ...soughtAs(torrent), stats: () => this.#peers.stats }
    this.all = new Finders(kinds, sought, {
      found: (addresses, source) => this.#peers.found(addresses, source),
      wantsPeers: () => this.#peers.wantsPeers,
      onWarning: (code, message) => listener.onWarning(code, message),
    })
  }

  /** The metainfo has come. */
  resolved(torrent: FindableTorrent): void {
    this.all.resolved(soughtAs(torrent))
  }

  /** From now on these peers hear of others. */
  hand(peers: FoundPeers): void {
    this.#peers = peers
  }
}

function soughtAs(torrent: FindableTorrent): Pick<SoughtTorrent, 'infoHashes' | 'isPrivate'> {
  return { infoHashes: wireHashList(torrent), isPrivate: torrent.isPrivate }
}
