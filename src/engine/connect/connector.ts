import { compareBytes, equalBytes } from '../../base/bytes.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import { peerPriority } from '../../protocol/peer-priority.js'
import type { PeerIntroduction } from '../introduction.js'
import { MAX_BREACHES } from '../limits.js'
import type { Peer } from '../peer.js'
import type { CloseReason, TorrentWorld } from '../world.js'
import { type Candidate, Candidates, type Contributor, newContributor } from './candidates.js'
import { OwnHosts } from './own-hosts.js'

/** What the connector must know of its torrent. */
export interface ConnectorOwner {
  readonly peers: ReadonlySet<Peer>
  dropPeer(peer: Peer, reason: CloseReason, detail: string): void
}

export interface ConnectorOptions {
  /** Our own. */
  readonly peerId: Uint8Array
  readonly listenPort: number
  readonly maxPeers: number
}

/** Which peers there are to be: whom to connect to, whom to let in, who is banned, who is there already. */
export class Connector {
  readonly candidates = new Candidates(address => this.#rankOf(address))
  readonly #ownHosts = new OwnHosts()
  /** The priorities of those who are connected, as far as they were asked for. */
  readonly #ranks = new Map<Peer, number>()
  readonly #owner: ConnectorOwner
  readonly #world: TorrentWorld
  readonly #options: ConnectorOptions
  /** Connections that are being begun. */
  #connecting = 0

  constructor(owner: ConnectorOwner, world: TorrentWorld, options: ConnectorOptions) {
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
    if (!this.#hasPlaceFor(isOutgoing) && !this.#replaceLowest(address)) return 'refused'
    if (candidate !== undefined) this.candidates.connected(candidate)
    return candidate ?? 'stranger'
  }

  /** A peer is gone. */
  onRemoved(peer: Peer): void {
    this.#ranks.delete(peer)
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

  /** A peer tells how it sees us; by our address, and by theirs, others are worth more or less to us. */
  learnOwnHost(peer: Peer, seen: Uint8Array): void {
    if (!this.#ownHosts.learn(peer.introduction.address.host, seen)) return
    this.candidates.forgetRanks()
    this.#ranks.clear()
  }

  isOurselves(address: PeerAddress): boolean {
    return address.port === this.#options.listenPort && this.#ownHosts.includes(address)
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

  /** Others may have come in while it was being connected to. */
  #hasPlaceFor(isOutgoing: boolean): boolean {
    const isFull = this.#owner.peers.size >= this.#options.maxPeers
    return !isFull && (isOutgoing || this.#world.hasPlace())
  }

  /** The canonical priority of a connection (BEP 40); 0 while we do not know how peers of this kind see us. */
  #rankOf(address: PeerAddress): number {
    const host = this.#ownHosts.seenFrom(address.host)
    return host === undefined ? 0 : (peerPriority({ host, port: this.#options.listenPort }, address) ?? 0)
  }

  /**
   * All places are taken: of those with whom no blocks are exchanged now the one of the lowest priority goes, if a newcomer's is
   * higher, so that nobody finds a swarm closed and nobody can close one by filling it (BEP 40). False where there is none such.
   */
  #replaceLowest(newcomer: PeerAddress): boolean {
    let lowest: Peer | undefined
    let lowestRank = this.#rankOf(newcomer)
    for (const peer of this.#owner.peers) {
      if (peer.rateToUs + peer.rateFromUs > 0) continue
      const rank = this.#ranks.get(peer) ?? this.#rankOf(peer.introduction.address)
      this.#ranks.set(peer, rank)
      if (rank >= lowestRank) continue
      lowest = peer
      lowestRank = rank
    }
    if (lowest !== undefined) this.#owner.dropPeer(lowest, 'replaced', 'another has a higher priority')
    return lowest !== undefined
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
