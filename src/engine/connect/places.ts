// BEP 40, and limits that keep idle peers from closing a swarm to others.

import { hostGroup } from '../../protocol/host-group.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import type { ConnectedPeer } from '../connected-peer.js'

/** A peer has one second to announce pieces and interest before it can count as useless. */
const SETTLING_MS = 1_000

/** Peers that one address may always have, however few places there are. */
const LEAST_PER_GROUP = 8

/** Which peer is replaced when another connects and all places are taken. Busy peers stay. */
export class Places<Peer extends ConnectedPeer> {
  readonly #peers: ReadonlySet<Peer>
  readonly #priorityOf: (address: PeerAddress) => number
  readonly #mostPerGroup: number
  /** The canonical priorities of peers, as far as they were needed. */
  readonly #priorities = new Map<Peer, number>()

  /**
   * @param peers in the order in which they connected
   * @param maxPeers three quarters of them may be of one address, or /64, which several users may share
   * @param priorityOf the canonical priority of a connection
   */
  constructor(peers: ReadonlySet<Peer>, maxPeers: number, priorityOf: (address: PeerAddress) => number) {
    this.#peers = peers
    this.#priorityOf = priorityOf
    this.#mostPerGroup = Math.max(LEAST_PER_GROUP, Math.floor(maxPeers * 0.75))
  }

  /** Whether an address has as many peers as it may have. */
  isGroupFull({ host }: PeerAddress): boolean {
    const group = hostGroup(host)
    let count = 0
    for (const peer of this.#peers) if (peer.group === group) count++
    return count >= this.#mostPerGroup
  }

  /** The oldest idle peer of an address that has as many peers as it may have. */
  idleOfGroup({ host }: PeerAddress): Peer | undefined {
    const group = hostGroup(host)
    for (const peer of this.#peers) if (peer.group === group && !peer.isBusy) return peer
    return undefined
  }

  /**
   * The idle peer that a new one replaces: of an address with at least two peers more than that of the new one; else one that
   * never wanted or sent anything; else the one of the lowest canonical priority, if that of the new peer is higher, so that
   * a swarm cannot be closed by filling it (BEP 40).
   */
  idleFor(address: PeerAddress, now: number): Peer | undefined {
    return this.#crowded(address) ?? this.#useless(now) ?? this.#lowerThan(address)
  }

  forget(peer: Peer): void {
    this.#priorities.delete(peer)
  }

  /** Our own address has changed: priorities are computed anew. */
  forgetPriorities(): void {
    this.#priorities.clear()
  }

  /** The oldest idle peer of the address that has most. */
  #crowded({ host }: PeerAddress): Peer | undefined {
    const counts = new Map<string, number>()
    for (const { group } of this.#peers) counts.set(group, (counts.get(group) ?? 0) + 1)
    // At a difference of one they would replace each other in turn.
    let most = (counts.get(hostGroup(host)) ?? 0) + 1
    let crowded: Peer | undefined
    for (const peer of this.#peers) {
      const count = counts.get(peer.group) ?? 0
      if (count <= most || peer.isBusy) continue
      most = count
      crowded = peer
    }
    return crowded
  }

  /** The oldest of the peers with which nothing was exchanged and that want nothing. */
  #useless(now: number): Peer | undefined {
    for (const peer of this.#peers) {
      if (now - peer.connectedAt < SETTLING_MS) return undefined
      if (!peer.wasUseful && !peer.isOfInterest) return peer
    }
    return undefined
  }

  #lowerThan(address: PeerAddress): Peer | undefined {
    let lowest: Peer | undefined
    let lowestPriority = this.#priorityOf(address)
    for (const peer of this.#peers) {
      if (peer.isBusy) continue
      const priority = this.#priorities.get(peer) ?? this.#priorityOf(peer.introduction.address)
      this.#priorities.set(peer, priority)
      if (priority >= lowestPriority) continue
      lowest = peer
      lowestPriority = priority
    }
    return lowest
  }
}
