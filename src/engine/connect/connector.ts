import { compareBytes, equalBytes } from '../../base/bytes.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import { peerPriority } from '../../protocol/peer-priority.js'
import type { ConnectedPeer } from '../connected-peer.js'
import { newContributor, type PeerContributor } from '../download/contributor.js'
import type { PeerIntroduction } from '../introduction.js'
import { MAX_BREACHES } from '../limits.js'
import type { CloseReason, ConnectorWorld } from '../world.js'
import { type Candidate, Candidates } from './candidates.js'
import { OwnHosts } from './own-hosts.js'
import { Places } from './places.js'

/** Two connections that both sides began at the same time are both there within this time (ms). */
const COINCIDENCE_MS = 10_000

/** The torrent, as the connector sees it. */
export interface ConnectorOwner<Peer> {
  readonly peers: ReadonlySet<Peer>
  dropPeer(peer: Peer, reason: CloseReason, detail: string): void
}

export interface ConnectorOptions {
  /** Our own, 20 bytes. */
  readonly peerId: Uint8Array
  readonly listenPort: number
  readonly maxPeers: number
}

/** Decides which peers there are: which addresses to connect to, and which connections to admit; bans peers. */
export class Connector<Peer extends ConnectedPeer> {
  readonly candidates = new Candidates(address => this.#priorityOf(address))
  readonly #ownHosts = new OwnHosts()
  readonly #places: Places<Peer>
  readonly #owner: ConnectorOwner<Peer>
  readonly #world: ConnectorWorld
  readonly #options: ConnectorOptions
  /** Connections under way. */
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

  /** Begins as many connections as the limits allow. */
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

  /** A connection could not be made, or led to ourselves. */
  failed(address: PeerAddress, reason: 'unreachable' | 'ourselves'): void {
    const candidate = this.candidates.get(address)
    if (candidate?.state !== 'connecting') return
    this.#connecting--
    this.candidates.failed(candidate, this.#world.now())
    candidate.isPointless = reason === 'ourselves'
  }

  /** Decides on a connection whose handshake is complete. Returns its candidate where it has one. */
  admit(introduction: PeerIntroduction): Candidate | 'no candidate' | 'refused' {
    const { address, isOutgoing } = introduction
    const candidate = isOutgoing ? this.candidates.get(address) : undefined
    if (candidate?.state === 'connecting') {
      this.#connecting--
      // It counts as failed until something was exchanged.
      this.candidates.failed(candidate, this.#world.now())
    }
    if (this.candidates.isBanned(candidate?.contributor ?? newContributor(address))) return 'refused'
    if (!this.#isBetterThanDuplicate(introduction, candidate)) return 'refused'
    if (!this.#makePlace(address, isOutgoing)) return 'refused'
    if (candidate !== undefined) this.candidates.connected(candidate)
    return candidate ?? 'no candidate'
  }

  /**
   * A connected peer comes over from before the metainfo was here, after the candidates did. Returns its candidate where it has one;
   * one whose candidate did not come over is refused.
   */
  takeOver({ candidate }: ConnectedPeer): Candidate | 'no candidate' | 'refused' {
    if (candidate === undefined) return 'no candidate'
    const own = this.candidates.get(candidate.address)
    if (own === undefined) return 'refused'
    this.candidates.connected(own)
    return own
  }

  /** A peer is gone. */
  onRemoved(peer: Peer): void {
    this.#places.forget(peer)
    if (peer.candidate !== undefined)
      this.candidates.closed(peer.candidate, peer.wasUseful, this.#world.now())
  }

  /** An incoming peer says where it listens: that address becomes its candidate, so that we can reconnect. */
  learnListenPort(peer: Peer, port: number): void {
    if (peer.candidate !== undefined || peer.introduction.isOutgoing) return
    const candidate = this.candidates.add({ host: peer.introduction.address.host, port }, 'incoming')
    if (candidate === undefined || candidate.state !== 'idle') return
    if (candidate.contributor.isBanned) this.#owner.dropPeer(peer, 'banned', 'was banned before')
    else this.#setCandidate(peer, candidate)
  }

  /** A peer says from which address it sees us: priorities follow from our address and theirs (BEP 40). */
  learnOwnHost(peer: Peer, seen: Uint8Array): void {
    if (!this.#ownHosts.learn(peer.introduction.address.host, seen)) return
    this.candidates.forgetPriorities()
    this.#places.forgetPriorities()
  }

  isOurselves(address: PeerAddress): boolean {
    return address.port === this.#options.listenPort && this.#ownHosts.includes(address)
  }

  /** A peer broke the protocol; the third time it is banned. */
  onBreach({ contributor }: Peer): void {
    if (++contributor.breaches >= MAX_BREACHES) this.candidates.ban(contributor)
  }

  /** A contributor sent bad data: it is banned, connected or not, and every other peer of its host. */
  banLiar(contributor: PeerContributor, piece: number): void {
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

  /** Whether there is a place; other peers may have come in while this one was being connected to. */
  #hasPlaceFor(isOutgoing: boolean): boolean {
    const isFull = this.#owner.peers.size >= this.#options.maxPeers
    return !isFull && (isOutgoing || this.#world.hasPlace())
  }

  /** The canonical priority of a connection (BEP 40); 0 while no peer of that kind has told us our address. */
  #priorityOf(address: PeerAddress): number {
    const host = this.#ownHosts.seenFrom(address.host)
    return host === undefined ? 0 : (peerPriority({ host, port: this.#options.listenPort }, address) ?? 0)
  }

  /** Makes a place for a new peer, by ending the connection of an idle one where it has to; false where it cannot. */
  #makePlace(address: PeerAddress, isOutgoing: boolean): boolean {
    const isGroupFull = this.#places.isGroupFull(address)
    if (!isGroupFull && this.#hasPlaceFor(isOutgoing)) return true
    const leaving = isGroupFull
      ? this.#places.idleOfGroup(address)
      : this.#places.idleFor(address, this.#world.now())
    if (leaving === undefined) return false
    this.#owner.dropPeer(leaving, 'replaced', 'an idle peer is replaced by a new one')
    return true
  }

  /**
   * Whether to keep a connection to a peer that is connected already. Of two connections that both sides began at the same time,
   * both keep the one that the greater peer id began. A peer id proves nothing: the same id at another address is another
   * peer, and at the same address the older connection stays once the two can no longer have begun at the same time.
   */
  #isBetterThanDuplicate(introduction: PeerIntroduction, candidate: Candidate | undefined): boolean {
    const { peerId, isOutgoing, address } = introduction
    for (const duplicate of this.#owner.peers) {
      const { introduction: other } = duplicate
      if (other.address.host !== address.host || !equalBytes(other.peerId, peerId)) continue
      const isOursKept = compareBytes(this.#options.peerId, peerId) > 0
      const isCoincidence = other.isOutgoing !== isOutgoing && this.#isFresh(duplicate)
      if (isCoincidence && isOutgoing === isOursKept) {
        this.#owner.dropPeer(duplicate, 'duplicate', 'is connected twice')
        return true
      }
      if (candidate !== undefined && duplicate.candidate === undefined)
        this.#setCandidate(duplicate, candidate)
      return false
    }
    return true
  }

  /** Another connection may have been under way when this one was made. */
  #isFresh(peer: Peer): boolean {
    return !peer.wasUseful && this.#world.now() - peer.connectedAt < COINCIDENCE_MS
  }

  /** The candidate takes over the peer's record, to which its blocks are credited. */
  #setCandidate(peer: Peer, candidate: Candidate): void {
    const { contributor } = peer
    contributor.strikes += candidate.contributor.strikes
    contributor.isSuspect ||= candidate.contributor.isSuspect
    contributor.breaches += candidate.contributor.breaches
    candidate.contributor = contributor
    peer.candidate = candidate
    this.candidates.connected(candidate)
  }
}
