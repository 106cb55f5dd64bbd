import type { Random } from '../../base/random.js'
import type { ListedPeer } from '../../protocol/tracker/announce-answer.js'
import type { AnnounceEvent } from '../../protocol/tracker/announce-request.js'
import type { SwarmCounts } from '../../protocol/tracker/scrape.js'
import { AddressGroup, GroupList, type Member } from './address-group.js'
import { byteKey } from './byte-key.js'
import { type AnswerLimits, drawPeers } from './draw-peers.js'
import type { Address, Ledger } from './ledger.js'

/** Of all kinds, besides the leechers for a seeder that has just started. */
const PEERS_FOR_STARTERS = 5

/**
 * The peers of one swarm. A peer is identified by its address and port, which it cannot forge, and not by its id, so that none
 * can replace another. Peers with port 0, which accept no connections, are told apart by their ids: they are counted and get
 * peers, but are never given to others. Every operation is O(1), a sample O(its size).
 */
export class Swarm {
  readonly #ledger: Ledger
  /** In the order in which they announced, the one that is silent for longest first. */
  readonly #members = new Map<string, Member>()
  // Most swarms have peers of one address, and a map takes a quarter of a KiB.
  #onlyGroup: AddressGroup | undefined
  #groups: Map<Address, AddressGroup> | undefined
  readonly #groupsToGive = new GroupList('any')
  readonly #groupsOfLeechers = new GroupList('leechers')
  #seeders = 0
  #partialSeeds = 0
  #downloaded = 0

  constructor(ledger: Ledger) {
    this.#ledger = ledger
  }

  get size(): number {
    return this.#members.size
  }

  get counts(): SwarmCounts {
    const incomplete = this.size - this.#seeders
    return {
      complete: this.#seeders,
      incomplete,
      downloaders: incomplete - this.#partialSeeds,
      downloaded: this.#downloaded,
    }
  }

  /** The address that all peers have; undefined where there are several, or no peers. */
  get onlyAddress(): Address | undefined {
    if (this.#groups?.size !== 1) return this.#onlyGroup?.address
    for (const address of this.#groups.keys()) return address
    return undefined
  }

  has(peer: ListedPeer): boolean {
    return this.#members.has(keyOf(peer))
  }

  /** The number of peers of an address. */
  peersOf(address: Address): number {
    return this.#groupOf(address)?.size ?? 0
  }

  /** Adds the peer, or brings it up to date. `completed` counts once for a peer. */
  update(
    peer: ListedPeer,
    address: Address,
    isSeeder: boolean,
    event: AnnounceEvent | undefined,
    now: number,
  ): void {
    const key = keyOf(peer)
    const before = this.#members.get(key)
    const group = before?.group ?? this.#groupOf(address) ?? new AddressGroup(address)
    const completes = event === 'completed' && isSeeder && before?.hasCompleted !== true
    if (completes) this.#downloaded++
    const { compact, peerId } = peer
    const member: Member = {
      compact,
      peerId,
      group,
      isSeeder,
      isPartialSeed: !isSeeder && event === 'paused',
      hasCompleted: completes || before?.hasCompleted === true,
      seenAt: now,
      index: -1,
    }
    this.#add(key, member)
    // Last, so that the address is known all along.
    if (before !== undefined) this.#forget(before)
  }

  remove(peer: ListedPeer): void {
    const key = keyOf(peer)
    const member = this.#members.get(key)
    if (member !== undefined) this.#delete(key, member)
  }

  /** Lets go of the peer that has been silent for longest. */
  removeOldest(): void {
    for (const [key, member] of this.#members) {
      this.#delete(key, member)
      return
    }
  }

  /** Lets go of all peers. */
  clear(): void {
    for (const [key, member] of this.#members) this.#delete(key, member)
  }

  /** Lets go of the peers that were heard last before `time`. */
  expire(time: number): void {
    for (const [key, member] of this.#members) {
      if (member.seenAt >= time) return
      this.#delete(key, member)
    }
  }

  /**
   * Up to `count` random peers for `asker`, a member: leechers and, unless it is a seeder itself, seeders. A seeder that has just
   * started gets some seeders as well: aria2 with nothing but a magnet link says that nothing is left, and needs the metadata of one.
   * Another address with its own peer id is the asker too.
   */
  sample(
    asker: ListedPeer,
    count: number,
    { limits, random, isStarting }: { limits: AnswerLimits; random: Random; isStarting: boolean },
  ): ListedPeer[] {
    const member = this.#members.get(keyOf(asker))
    if (member === undefined || count <= 0) return []
    const any = (wanted: number) =>
      drawPeers(this.#groupsToGive.groups, 'any', member, wanted, limits, random)
    if (!member.isSeeder) return any(count)
    const leechers = drawPeers(this.#groupsOfLeechers.groups, 'leechers', member, count, limits, random)
    if (!isStarting) return leechers
    const others = any(Math.min(count - leechers.length, PEERS_FOR_STARTERS))
    return [...new Set([...leechers, ...others])]
  }

  /** The peers that announced to both swarms. */
  *sharedWith(other: Swarm): Iterable<readonly [here: Member, there: Member]> {
    for (const [key, here] of this.#members) {
      const there = other.#members.get(key)
      if (there !== undefined) yield [here, there]
    }
  }

  #add(key: string, member: Member): void {
    const { group, isSeeder, isPartialSeed } = member
    // Behind all others, where the map holds the key already, too.
    this.#members.delete(key)
    this.#members.set(key, member)
    if (group.size++ === 0) this.#addGroup(group)
    if (isReachable(member)) {
      group.addReachable(member)
      this.#updateLists(group)
    }
    if (isSeeder) this.#seeders++
    if (isPartialSeed) this.#partialSeeds++
    this.#ledger.add(group.address, isSeeder)
  }

  #delete(key: string, member: Member): void {
    this.#members.delete(key)
    this.#forget(member)
  }

  #forget(member: Member): void {
    const { group, isSeeder, isPartialSeed } = member
    if (--group.size === 0) this.#removeGroup(group)
    if (isReachable(member)) {
      group.removeReachable(member)
      this.#updateLists(group)
    }
    if (isSeeder) this.#seeders--
    if (isPartialSeed) this.#partialSeeds--
    this.#ledger.remove(group.address, isSeeder)
  }

  #groupOf(address: Address): AddressGroup | undefined {
    return this.#onlyGroup?.address === address ? this.#onlyGroup : this.#groups?.get(address)
  }

  #addGroup(group: AddressGroup): void {
    if (this.#groups !== undefined) {
      this.#groups.set(group.address, group)
    } else if (this.#onlyGroup === undefined) {
      this.#onlyGroup = group
    } else {
      const before = this.#onlyGroup
      this.#onlyGroup = undefined
      this.#groups = new Map([
        [before.address, before],
        [group.address, group],
      ])
    }
  }

  #removeGroup(group: AddressGroup): void {
    if (this.#onlyGroup === group) this.#onlyGroup = undefined
    else this.#groups?.delete(group.address)
  }

  #updateLists(group: AddressGroup): void {
    this.#groupsToGive.update(group)
    this.#groupsOfLeechers.update(group)
  }
}

function isReachable({ compact }: ListedPeer): boolean {
  return compact[compact.length - 1] !== 0 || compact[compact.length - 2] !== 0
}

function keyOf(peer: ListedPeer): string {
  return isReachable(peer) ? byteKey(peer.compact) : byteKey(peer.compact) + byteKey(peer.peerId)
}
