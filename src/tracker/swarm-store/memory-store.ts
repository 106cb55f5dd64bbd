import type { Random } from '../../base/random.js'
import type { SwarmCounts } from '../../protocol/tracker/scrape.js'
import { TRACKER_LIMITS, type TrackerLimits } from '../limits.js'
import { byteKey, bytesOfKey } from './byte-key.js'
import { type Address, Ledger } from './ledger.js'
import { LoneSwarms } from './lone-swarms.js'
import { Swarm } from './swarm.js'
import type {
  Announcement,
  AnnounceOutcome,
  AnnounceRefusal,
  PeerCounts,
  StoreTotals,
  SwarmStore,
  SwarmSummary,
} from './swarm-store.js'

export interface MemoryStoreOptions {
  readonly random: Random
  /** Milliseconds of silence after which a peer is gone. */
  readonly timeoutMs: number
  readonly limits?: TrackerLimits
}

interface Tracked {
  readonly key: string
  readonly swarm: Swarm
  seenAt: number
  /** The one address that has peers in it, as the store's list of lone swarms knows it. */
  lone: Address | undefined
}

/**
 * Swarms in memory. Peers expire lazily: silent ones are removed when their swarm is next asked for, and swarms without requests
 * by `expire`. A full swarm drops the peer that has been silent for longest. A full store drops swarms that have a single address,
 * taking them from the address that has the most, and otherwise accepts no new ones, so that a flood cannot displace peers.
 */
export class MemoryStore implements SwarmStore {
  readonly #random: Random
  readonly #timeoutMs: number
  readonly #limits: TrackerLimits
  readonly #ledger = new Ledger()
  /** In the order in which they were last announced to, the one that is silent for longest first. */
  readonly #swarms = new Map<string, Tracked>()
  readonly #lone = new LoneSwarms<Tracked>()

  constructor(options: MemoryStoreOptions) {
    this.#random = options.random
    this.#timeoutMs = options.timeoutMs
    this.#limits = options.limits ?? TRACKER_LIMITS
  }

  get totals(): StoreTotals {
    const { seeders, leechers } = this.#ledger
    return { swarms: this.#swarms.size, seeders, leechers }
  }

  announce(announcement: Announcement, now: number): AnnounceOutcome {
    const { infoHash, peer, source, isSeeder, event, numwant } = announcement
    const key = byteKey(infoHash)
    const tracked = this.#swarms.get(key) ?? {
      key,
      swarm: new Swarm(this.#ledger),
      seenAt: now,
      lone: undefined,
    }
    const { swarm } = tracked
    swarm.expire(now - this.#timeoutMs)
    if (event === 'stopped') {
      swarm.remove(peer)
      if (swarm.size === 0) this.#swarms.delete(key)
      this.#settle(tracked)
      return { type: 'listed', counts: swarm.counts, peers: [] }
    }
    const address = this.#ledger.addressOf(source)
    const refusal = swarm.has(peer) ? undefined : this.#refusal(tracked, address, now)
    if (refusal !== undefined) {
      this.#settle(tracked)
      return { type: 'refused', reason: refusal }
    }
    swarm.update(peer, address, isSeeder, event, now)
    tracked.seenAt = now
    this.#swarms.delete(key)
    this.#swarms.set(key, tracked)
    this.#settle(tracked)
    const isStarting = event === 'started'
    const peers = swarm.sample(peer, numwant, { limits: this.#limits, random: this.#random, isStarting })
    return { type: 'listed', counts: swarm.counts, peers }
  }

  scrape(infoHash: Uint8Array, now: number): SwarmCounts | undefined {
    const tracked = this.#swarms.get(byteKey(infoHash))
    if (tracked === undefined) return undefined
    tracked.swarm.expire(now - this.#timeoutMs)
    this.#settle(tracked)
    return tracked.swarm.counts
  }

  peersOf(infoHashes: readonly Uint8Array[]): PeerCounts | undefined {
    const swarms = infoHashes.flatMap(infoHash => this.#swarms.get(byteKey(infoHash))?.swarm ?? [])
    const [one, other] = swarms
    if (one === undefined) return undefined
    if (other === undefined) return peerCounts(one)
    return one.size < other.size ? unionCounts(one, other) : unionCounts(other, one)
  }

  largest(limit: number): SwarmSummary[] {
    return largestOf(this.#swarms.values(), limit).map(({ key, swarm }) => ({
      infoHash: bytesOfKey(key),
      ...peerCounts(swarm),
    }))
  }

  expire(now: number): void {
    for (const tracked of this.#swarms.values()) {
      if (tracked.seenAt >= now - this.#timeoutMs) return
      this.#remove(tracked)
    }
  }

  /** Why a newcomer has no place in this swarm; undefined where it has one, or one could be made. */
  #refusal(tracked: Tracked, address: Address, now: number): AnnounceRefusal | undefined {
    const { listings, peersPerSwarm } = this.#limits.addresses[address.kind]
    if (address.listings >= listings) return 'address-has-too-many'
    if (tracked.swarm.peersOf(address) >= peersPerSwarm) return 'address-has-too-many-here'
    if (tracked.swarm.size >= this.#limits.peersPerSwarm) {
      tracked.swarm.removeOldest()
      return undefined
    }
    if (!this.#isFull(tracked)) return undefined
    this.expire(now)
    while (this.#isFull(tracked)) {
      const toGo = this.#lone.toGoFor(address)
      if (toGo === undefined) return 'full'
      this.#remove(toGo)
    }
    return undefined
  }

  #isFull({ key }: Tracked): boolean {
    return (
      this.#ledger.peers >= this.#limits.peers ||
      (this.#swarms.size >= this.#limits.swarms && !this.#swarms.has(key))
    )
  }

  #remove(tracked: Tracked): void {
    this.#swarms.delete(tracked.key)
    tracked.swarm.clear()
    this.#settle(tracked)
  }

  /** To be called when the peers of a swarm have changed: whether one address has it alone. */
  #settle(tracked: Tracked): void {
    const { swarm, lone } = tracked
    const { onlyAddress } = swarm
    if (onlyAddress === lone) return
    tracked.lone = onlyAddress
    if (lone !== undefined) this.#lone.remove(tracked, lone)
    if (onlyAddress !== undefined) this.#lone.add(tracked, onlyAddress)
  }
}

function peerCounts({ counts }: Swarm): PeerCounts {
  return { seeders: counts.complete, leechers: counts.incomplete, downloaded: counts.downloaded }
}

/** Peers of both swarms, each counted once: as a seeder where it is one in either. */
function unionCounts(small: Swarm, large: Swarm): PeerCounts {
  let [seedersInBoth, notSeedersInBoth] = [0, 0]
  for (const [here, there] of small.sharedWith(large)) {
    if (here.isSeeder && there.isSeeder) seedersInBoth++
    else notSeedersInBoth++
  }
  const [a, b] = [small.counts, large.counts]
  return {
    seeders: a.complete + b.complete - seedersInBoth,
    leechers: a.incomplete + b.incomplete - notSeedersInBoth,
    // Peers of both swarms report to both. Those that have left are not remembered, so the larger count is the lower bound.
    downloaded: Math.max(a.downloaded, b.downloaded),
  }
}

/** The swarms with the most peers, in one pass that does not sort the others. */
function largestOf(swarms: Iterable<Tracked>, limit: number): Tracked[] {
  const largest: Tracked[] = []
  for (const tracked of swarms) {
    const { size } = tracked.swarm
    if (largest.length === limit && size <= (largest.at(-1)?.swarm.size ?? 0)) continue
    let at = largest.length
    while (at > 0 && (largest[at - 1]?.swarm.size ?? 0) < size) at--
    largest.splice(at, 0, tracked)
    if (largest.length > limit) largest.pop()
  }
  return largest
}
