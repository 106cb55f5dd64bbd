import { compareBytes, equalBytes } from '../../base/bytes.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import type { PeerIntroduction } from '../introduction.js'
import { MAX_BREACHES } from '../limits.js'
import type { Peer } from '../peer.js'
import type { CloseReason, TorrentWorld } from '../world.js'
import { type Candidate, Candidates, type Contributor, newContributor } from './candidates.js'

/** What the connector must know of its torrent. */
export interface ConnectorOwner {
  readonly peers: ReadonlySet<Peer>
  dropPeer(peer: Peer, reason: CloseReason, detail: string): void
}

/** Which peers there are to be: whom to connect to, whom to let in, who is banned, who is there already. */
export class Connector {
  readonly candidates = new Candidates()
  readonly #owner: ConnectorOwner
  readonly #world: TorrentWorld
  readonly #options: { readonly peerId: Uint8Array; readonly maxPeers: number }
  /** Connections that are being begun. */
  #connecting = 0

  constructor(
    owner: ConnectorOwner,
    world: TorrentWorld,
    options: { readonly peerId: Uint8Array; readonly maxPeers: number },
  ) {
    this.#owner = owner
    this.#world = world
    this.#options = options
  }

  get wantsPeers(): boolean {
    return this.#owner.peers.size + this.#connecting < this.#options.maxPeers
  }

  /** Begins as many connections as there may be. */
  connectMore(): void {
    const now = this.#world.now()
    while (this.wantsPeers && this.#world.mayConnect()) {
      const candidate = this.candidates.next(now)
      if (candidate === undefined) return
      candidate.state = 'connecting'
      this.#connecting++
      this.#world.connect(candidate.address, candidate.failures)
    }
  }

  /** A connection that was begun did not come about, or led to ourselves. */
  failed(address: PeerAddress, reason: 'unreachable' | 'ourselves'): void {
    const candidate = this.candidates.add(address)
    if (candidate?.state !== 'connecting') return
    this.#connecting--
    this.candidates.failed(candidate, this.#world.now())
    candidate.isPointless = reason === 'ourselves'
  }

  /** A handshake was made: the candidate that it belongs to, if any, or `refused`. */
  admit(introduction: PeerIntroduction): Candidate | 'stranger' | 'refused' {
    const { address, isOutgoing } = introduction
    const candidate = isOutgoing ? this.candidates.add(address) : undefined
    if (candidate?.state === 'connecting') {
      this.#connecting--
      // Until it has been of use.
      this.candidates.failed(candidate, this.#world.now())
    }
    if (this.candidates.isBanned(candidate?.contributor ?? newContributor(address))) return 'refused'
    if (!this.#isBetterThanTwin(introduction, candidate)) return 'refused'
    // Others may have come in while it was being connected to.
    if (this.#owner.peers.size >= this.#options.maxPeers) return 'refused'
    if (candidate !== undefined) this.candidates.connected(candidate)
    return candidate ?? 'stranger'
  }

  /** A peer is gone. */
  onRemoved(peer: Peer): void {
    const wasUseful = peer.received.total + peer.sent.total > 0
    if (peer.candidate !== undefined) this.candidates.closed(peer.candidate, wasUseful, this.#world.now())
  }

  /** An incoming peer tells where it listens: it becomes a candidate, so that it can be found again. */
  learnListenPort(peer: Peer, port: number): void {
    if (peer.candidate !== undefined || peer.introduction.isOutgoing) return
    const candidate = this.candidates.add({ host: peer.introduction.address.host, port })
    if (candidate === undefined || candidate.state !== 'idle') return
    if (candidate.contributor.isBanned) this.#owner.dropPeer(peer, 'banned', 'was banned before')
    else this.#setCandidate(peer, candidate)
  }

  /** A peer broke the protocol: once or twice it may come back. */
  onBreach({ contributor }: Peer): void {
    if (++contributor.breaches >= MAX_BREACHES) this.candidates.ban(contributor)
  }

  /** Someone sent bad data: it goes, whether it is here now or not, and all others of its host. */
  banLiar(contributor: Contributor, piece: number): void {
    if (contributor.isBanned) return
    this.candidates.ban(contributor)
    this.#world.onBanned(contributor.address, piece)
    for (const peer of this.#owner.peers) {
      if (peer.contributor === contributor)
        this.#owner.dropPeer(peer, 'banned', `sent bad data in piece ${piece}`)
      else if (this.candidates.isBanned(peer.contributor))
        this.#owner.dropPeer(peer, 'banned', 'its host was banned')
    }
  }

  /**
   * Whether a connection is to be kept although its peer is connected already. Of two that were begun by either side at the same
   * time, both sides keep the one that the greater peer id began.
   */
  #isBetterThanTwin(introduction: PeerIntroduction, candidate: Candidate | undefined): boolean {
    const { peerId, isOutgoing } = introduction
    for (const twin of this.#owner.peers) {
      if (!equalBytes(twin.introduction.peerId, peerId)) continue
      const isOursKept = compareBytes(this.#options.peerId, peerId) > 0
      if (twin.introduction.isOutgoing !== isOutgoing && isOutgoing === isOursKept) {
        this.#owner.dropPeer(twin, 'duplicate', 'is connected twice')
        return true
      }
      if (candidate !== undefined && twin.candidate === undefined) this.#setCandidate(twin, candidate)
      return false
    }
    return true
  }

  /** The candidate takes over the peer's record, to which its blocks are credited. */
  #setCandidate(peer: Peer, candidate: Candidate): void {
    const { contributor } = peer
    contributor.strikes += candidate.contributor.strikes
    contributor.isOnParole ||= candidate.contributor.isOnParole
    contributor.breaches += candidate.contributor.breaches
    candidate.contributor = contributor
    peer.candidate = candidate
    this.candidates.connected(candidate)
  }
}
