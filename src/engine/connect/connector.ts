import { compareBytes, equalBytes } from '../../base/bytes.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import { peerPriority } from '../../protocol/peer-priority.js'
import type { ConnectedPeer } from '../connected-peer.js'
import type { PeerIntroduction } from '../introduction.js'
import { MAX_BREACHES } from '../limits.js'
import type { CloseReason, ConnectorWorld } from '../world.js'
import { type Candidate, Candidates, type Contributor, newContributor } from './candidates.js'
import { OwnHosts } from './own-hosts.js'
import { Places } from './places.js'

/** Two connections that were begun at the same time, one by each side, are both there within this time (ms). */
const COINCIDENCE_MS = 10_000

/** What the connector must know of its torrent. */
export interface ConnectorOwner<Peer> {
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
export class Connector<Peer extends ConnectedPeer> {
  readonly candidates = new Candidates(address => this.#priorityOf(address))
  readonly #ownHosts = new OwnHosts()
  readonly #places: Places<Peer>
  readonly #owner: ConnectorOwner<Peer>
  readonly #world: ConnectorWorld
  readonly #options: ConnectorOptions
  /** Connections that are being begun. */
  #connecting = 0

  constructor(owner: ConnectorOwner<Peer>, world: ConnectorWorld, options: ConnectorOptions) {
    this.#owner = owner
    this.#world = world
    this.#options = options
    this.#places = new Places(owner.peers, options.maxPeers, address => this.#priorityOf(address))
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
      this.candidates.connecting(candidate)
      this.#connecting++
      this.#world.connect(candidate.address, candidate.failures)
    }
  }

  /** A connection that was begun did not come about, or led to ourselves. */
  failed(address: PeerAddress, reason: 'unreachable' | 'ourselves'): void {
    const candidate = this.candidates.get(address)
    if (candidate?.state !== 'connecting') return
    this.#connecting--
    this.candidates.failed(candidate, this.#world.now())
    candidate.isPointless = reason === 'ourselves'
  }

  /** A handshake was made: the candidate that it belongs to, if any, or `refused`. */
  admit(introduction: PeerIntroduction): Candidate | 'stranger' | 'refused' {
    const { address, isOutgoing } = introduction
    const candidate = isOutgoing ? this.candidates.get(address) : undefined
    if (candidate?.state === 'connecting') {
      this.#connecting--
      // Until it has been of use.
      this.candidates.failed(candidate, this.#world.now())
    }
    if (this.candidates.isBanned(candidate?.contributor ?? newContributor(address))) return 'refused'
    if (!this.#isBetterThanTwin(introduction, candidate)) return 'refused'
    if (!this.#makePlace(address, isOutgoing)) return 'refused'
    if (candidate !== undefined) this.candidates.connected(candidate)
    return candidate ?? 'stranger'
  }

  /** A peer is gone. */
  onRemoved(peer: Peer): void {
    this.#places.forget(peer)
    if (peer.candidate !== undefined)
      this.candidates.closed(peer.candidate, peer.wasUseful, this.#world.now())
  }

  /** An incoming peer tells where it listens: it becomes a candidate, so that it can be found again. */
  learnListenPort(peer: Peer, port: number): void {
    if (peer.candidate !== undefined || peer.introduction.isOutgoing) return
    const candidate = this.candidates.add({ host: peer.introduction.address.host, port }, 'incoming')
    if (candidate === undefined || candidate.state !== 'idle') return
    if (candidate.contributor.isBanned) this.#owner.dropPeer(peer, 'banned', 'was banned before')
    else this.#setCandidate(peer, candidate)
  }

  /** A peer tells how it sees us; by our address, and by theirs, others are worth more or less to us. */
  learnOwnHost(peer: Peer, seen: Uint8Array): void {
    if (!this.#ownHosts.learn(peer.introduction.address.host, seen)) return
    this.candidates.forgetPriorities()
    this.#places.forgetPriorities()
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
  #priorityOf(address: PeerAddress): number {
    const host = this.#ownHosts.seenFrom(address.host)
    return host === undefined ? 0 : (peerPriority({ host, port: this.#options.listenPort }, address) ?? 0)
  }

  /** Whether a newcomer finds a place, be it that of an idle peer. */
  #makePlace(newcomer: PeerAddress, isOutgoing: boolean): boolean {
    const mustReplace = this.#places.isGroupFull(newcomer) ? 'of its group' : 'any'
    if (mustReplace === 'any' && this.#hasPlaceFor(isOutgoing)) return true
    const leaving =
      mustReplace === 'any'
        ? this.#places.idleFor(newcomer, this.#world.now())
        : this.#places.idleOfGroup(newcomer)
    if (leaving === undefined) return false
    this.#owner.dropPeer(leaving, 'replaced', 'an idle peer gives its place to a newcomer')
    return true
  }

  /**
   * Whether a connection is to be kept although its peer is connected already. Of two that both sides began at the same time,
   * both keep the one that the greater peer id began. Anybody can say any peer id: peers of different addresses are different
   * peers, and of one address the older connection stays as soon as it cannot be such a coincidence any more.
   */
  #isBetterThanTwin(introduction: PeerIntroduction, candidate: Candidate | undefined): boolean {
    const { peerId, isOutgoing, address } = introduction
    for (const twin of this.#owner.peers) {
      const { introduction: other } = twin
      if (other.address.host !== address.host || !equalBytes(other.peerId, peerId)) continue
      const isOursKept = compareBytes(this.#options.peerId, peerId) > 0
      const isCoincidence = other.isOutgoing !== isOutgoing && this.#isFresh(twin)
      if (isCoincidence && isOutgoing === isOursKept) {
        this.#owner.dropPeer(twin, 'duplicate', 'is connected twice')
        return true
      }
      if (candidate !== undefined && twin.candidate === undefined) this.#setCandidate(twin, candidate)
      return false
    }
    return true
  }

  /** Another connection may have been on its way when this one came about. */
  #isFresh(peer: Peer): boolean {
    return !peer.wasUseful && this.#world.now() - peer.connectedAt < COINCIDENCE_MS
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
