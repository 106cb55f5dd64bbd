import type { Random } from '../../base/random.js'
import type { SwarmCounts } from '../../protocol/tracker/scrape.js'
import { byteKey, bytesOfKey } from './byte-key.js'
import { Swarm } from './swarm.js'
import type { Announcement, AnnounceOutcome, StoreTotals, SwarmStore, SwarmSummary } from './swarm-store.js'

export interface MemoryStoreOptions {
  readonly random: Random
  /** Milliseconds of silence after which a peer is gone. */
  readonly timeoutMs: number
  readonly maxSwarms?: number
  readonly maxPeersPerSwarm?: number
  /** In all swarms together: less than a KiB each. */
  readonly maxPeers?: number
}

const MAX_SWARMS = 200_000
const MAX_PEERS_PER_SWARM = 50_000
const MAX_PEERS = 1_000_000

/**
 * Swarms in memory. Time is lazy: peers that went silent leave when their swarm is next asked for, and swarms that
 * nobody asks for leave on `expire`. A swarm that is full lets go of the peer that has been silent for longest;
 * a store that is full takes no newcomers, so that a flood cannot wash out those who are there.
 */
export class MemoryStore implements SwarmStore {
  readonly #random: Random
  readonly #timeoutMs: number
  readonly #maxSwarms: number
  readonly #maxPeersPerSwarm: number
  readonly #maxPeers: number
  /** In the order in which they were last announced to, the one that is silent for longest first. */
  readonly #swarms = new Map<string, { swarm: Swarm; seenAt: number }>()
  #seeders = 0
  #leechers = 0

  constructor(options: MemoryStoreOptions) {
    this.#random = options.random
    this.#timeoutMs = options.timeoutMs
    this.#maxSwarms = options.maxSwarms ?? MAX_SWARMS
    this.#maxPeersPerSwarm = options.maxPeersPerSwarm ?? MAX_PEERS_PER_SWARM
    this.#maxPeers = options.maxPeers ?? MAX_PEERS
  }

  get totals(): StoreTotals {
    return { swarms: this.#swarms.size, seeders: this.#seeders, leechers: this.#leechers }
  }

  announce(announcement: Announcement, now: number): AnnounceOutcome {
    const { infoHash, peer, isSeeder, event, numwant } = announcement
    const key = byteKey(infoHash)
    const swarm = this.#swarms.get(key)?.swarm ?? new Swarm()
    return this.#counting(swarm, () => {
      swarm.expire(now - this.#timeoutMs)
      if (event === 'stopped') {
        swarm.remove(peer)
        if (swarm.size === 0) this.#swarms.delete(key)
        return { type: 'listed', counts: swarm.counts, peers: [] }
      }
      if (!swarm.has(peer) && !this.#makeRoom(key, swarm, now)) return { type: 'full' }
      swarm.update(peer, isSeeder, event, now)
      this.#swarms.delete(key)
      this.#swarms.set(key, { swarm, seenAt: now })
      return { type: 'listed', counts: swarm.counts, peers: swarm.sample(peer, numwant, this.#random) }
    })
  }

  scrape(infoHash: Uint8Array, now: number): SwarmCounts | undefined {
    const swarm = this.#swarms.get(byteKey(infoHash))?.swarm
    if (swarm === undefined) return undefined
    this.#counting(swarm, () => swarm.expire(now - this.#timeoutMs))
    return swarm.counts
  }

  largest(limit: number): SwarmSummary[] {
    return [...this.#swarms]
      .sort(([, a], [, b]) => b.swarm.size - a.swarm.size)
      .slice(0, limit)
      .map(([key, { swarm }]) => ({ infoHash: bytesOfKey(key), ...swarm.counts }))
  }

  expire(now: number): void {
    for (const [key, { swarm, seenAt }] of this.#swarms) {
      if (seenAt >= now - this.#timeoutMs) return
      this.#swarms.delete(key)
      this.#counting(swarm, () => swarm.expire(now - this.#timeoutMs))
    }
  }

  /** True where a newcomer has a place in this swarm, or one could be made. */
  #makeRoom(key: string, swarm: Swarm, now: number): boolean {
    if (swarm.size >= this.#maxPeersPerSwarm) {
      swarm.removeOldest()
      return true
    }
    const isFull = () =>
      this.#seeders + this.#leechers >= this.#maxPeers ||
      (!this.#swarms.has(key) && this.#swarms.size >= this.#maxSwarms)
    if (isFull()) this.expire(now)
    return !isFull()
  }

  /** Keeps the totals in step with a change to one swarm. */
  #counting<Result>(swarm: Swarm, change: () => Result): Result {
    const before = swarm.counts
    const result = change()
    const after = swarm.counts
    this.#seeders += after.complete - before.complete
    this.#leechers += after.incomplete - before.incomplete
    return result
  }
}
