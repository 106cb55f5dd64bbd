import type {
  FinderKind,
  FinderOwner,
  FinderStatus,
  PeerFinder,
  SoughtTorrent,
} from '../../src/discovery/finder.js'
import type { PeerAddress } from '../../src/protocol/peer-address.js'
import type { PeerSource } from '../../src/protocol/peer-source.js'

type Call = 'finderFor' | 'start' | 'stop' | 'resolved' | 'completed' | 'wantsPeers'

/** A way to find peers that finds what a test says, and writes down what its finders are told. */
export class ScriptedFinders implements FinderKind {
  readonly source: PeerSource
  readonly told: string[] = []
  readonly torrents: SoughtTorrent[] = []
  /** What each call throws. */
  readonly failures = new Map<Call, unknown>()
  /** Of the finder that was made last. */
  owner: FinderOwner | undefined
  readonly #found: readonly PeerAddress[]

  /** @param found found as soon as a finder starts */
  constructor(source: PeerSource, found: readonly PeerAddress[] = []) {
    this.source = source
    this.#found = found
  }

  finderFor(torrent: SoughtTorrent, owner: FinderOwner): PeerFinder {
    this.#hear('finderFor', 'finderFor')
    this.torrents.push(torrent)
    this.owner = owner
    const status: FinderStatus = { type: 'searching' }
    return {
      status,
      start: () => {
        this.#hear('start', 'start')
        if (this.#found.length > 0) owner.found(this.#found)
      },
      stop: async () => this.#hear('stop', 'stop'),
      resolved: infoHashes => this.#hear('resolved', `resolved ${infoHashes.length}`),
      completed: () => this.#hear('completed', 'completed'),
      wantsPeers: isWanting => this.#hear('wantsPeers', `wantsPeers ${isWanting}`),
    }
  }

  #hear(call: Call, text: string): void {
    this.told.push(text)
    const failure = this.failures.get(call)
    if (failure !== undefined) throw failure
  }
}
