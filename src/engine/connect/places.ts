// BEP 40, and what keeps peers that only take a place from closing a swarm to others.

import { hostGroup } from '../../protocol/host-group.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import type { ConnectedPeer } from '../connected-peer.js'

/** A peer has this long (ms) to say what it has and wants, before it counts as one that is of no use. */
const SETTLING_MS = 1_000

/** Peers of one address that are never too many, however few there may be in all. */
const LEAST_PER_GROUP = 8

/** Which peer leaves when another one comes and there is no place for it. Busy peers stay. */
export class Places<Peer extends ConnectedPeer> {
  readonly #peers: ReadonlySet<Peer>
  readonly #priorityOf: (address: PeerAddress) => number
  readonly #mostPerGroup: number
  /** The canonical priorities of peers, as far as they were asked for. */
  readonly #priorities = new Map<Peer, number>()

  /**
   * @param peers in the order in which they came
   * @param maxPeers three quarters of them may be of one address, or /64: several people may share it
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

  /** The longest idle peer of an address that has as many peers as it may have. */
  idleOfGroup({ host }: PeerAddress): Peer | undefined {
    const group = hostGroup(host)
    for (const peer of this.#peers) if (peer.group === group && !peer.isBusy) return peer
    return undefined
  }

  /**
   * All places are taken: an idle peer goes, where the newcomer's claim is the better one. First one of an address with many
   * more peers than that of the newcomer; then one that never wanted anything nor gave anything; then the one of the lowest
   * canonical priority, if that of the newcomer is higher, so that nobody can close a swarm by filling it (BEP 40).
   */
  idleFor(newcomer: PeerAddress, now: number): Peer | undefined {
    return this.#crowded(newcomer) ?? this.#useless(now) ?? this.#lowerThan(newcomer)
  }

  forget(peer: Peer): void {
    this.#priorities.delete(peer)
  }

  /** Priorities are to be computed anew: our own address is another one. */
  forgetPriorities(): void {
    this.#priorities.clear()
  }

  /** The longest idle peer of the address that has most. */
  #crowded({ host }: PeerAddress): Peer | undefined {
    const counts = new Map<string, number>()
    for (const { group } of this.#peers) counts.set(group, (counts.get(group) ?? 0) + 1)
    // Where it has just one more, they would take each other's place in turn.
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

  /** Of the peers that never were of use, and do not seem to become so, the one that came first. */
  #useless(now: number): Peer | undefined {
    for (const peer of this.#peers) {
      if (now - peer.connectedAt < SETTLING_MS) return undefined
      if (!peer.wasUseful && !peer.isOfInterest) return peer
    }
    return undefined
  }

  #lowerThan(newcomer: PeerAddress): Peer | undefined {
    let lowest: Peer | undefined
    let lowestPriority = this.#priorityOf(newcomer)
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
