import { equalBytes } from '../../base/bytes.js'
import type { Random } from '../../base/random.js'
import type { ListedPeer } from '../../protocol/tracker/announce-answer.js'
import type { AnnounceEvent } from '../../protocol/tracker/announce-request.js'
import type { SwarmCounts } from '../../protocol/tracker/scrape.js'
import { byteKey } from './byte-key.js'
import { sampleIndices } from './sample.js'

interface Member extends ListedPeer {
  readonly isSeeder: boolean
  /** BEP 21: a leecher that wants nothing more. */
  readonly isPartialSeed: boolean
  readonly hasCompleted: boolean
  readonly seenAt: number
  /** Where it stands in the array of its kind. */
  index: number
}

/**
 * The peers of one swarm. A peer is its address and port, which it cannot forge, and not its id, which it can: nobody
 * can take another's place. Every operation is O(1), a sample O(its size).
 */
export class Swarm {
  /** In the order in which they announced, the one that is silent for longest first. */
  readonly #members = new Map<string, Member>()
  // Dense, so that a random one is an index away.
  readonly #seeders: Member[] = []
  readonly #leechers: Member[] = []
  #partialSeeds = 0
  #downloaded = 0

  get size(): number {
    return this.#members.size
  }

  get counts(): SwarmCounts {
    return {
      complete: this.#seeders.length,
      incomplete: this.#leechers.length,
      downloaders: this.#leechers.length - this.#partialSeeds,
      downloaded: this.#downloaded,
    }
  }

  has(peer: ListedPeer): boolean {
    return this.#members.has(byteKey(peer.compact))
  }

  /** Adds the peer, or brings it up to date. `completed` counts once for a peer. */
  update(peer: ListedPeer, isSeeder: boolean, event: AnnounceEvent | undefined, now: number): void {
    const key = byteKey(peer.compact)
    const before = this.#members.get(key)
    if (before !== undefined) this.#delete(key, before)
    const completes = event === 'completed' && isSeeder && before?.hasCompleted !== true
    if (completes) this.#downloaded++
    const kind = isSeeder ? this.#seeders : this.#leechers
    const hasCompleted = completes || before?.hasCompleted === true
    const isPartialSeed = !isSeeder && event === 'paused'
    if (isPartialSeed) this.#partialSeeds++
    const { compact, peerId } = peer
    const member = { compact, peerId, isSeeder, isPartialSeed, hasCompleted, seenAt: now, index: kind.length }
    kind.push(member)
    this.#members.set(key, member)
  }

  remove(peer: ListedPeer): void {
    const key = byteKey(peer.compact)
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

  /** Lets go of the peers that were heard last before `time`. */
  expire(time: number): void {
    for (const [key, member] of this.#members) {
      if (member.seenAt >= time) return
      this.#delete(key, member)
    }
  }

  /**
   * Up to `count` random peers for `asker`, a member: leechers and, unless it is a seeder itself, seeders. Another
   * address with its own peer id is the asker too.
   */
  sample(asker: ListedPeer, count: number, random: Random): ListedPeer[] {
    const member = this.#members.get(byteKey(asker.compact))
    if (member === undefined || count <= 0) return []
    const leechers = this.#leechers.length
    const pool = member.isSeeder ? leechers : leechers + this.#seeders.length
    // The asker's own place is closed up: as a leecher it has one in the pool, as a seeder none.
    const gap = member.isSeeder ? pool : member.index
    const size = member.isSeeder ? pool : pool - 1
    const peers: ListedPeer[] = []
    for (const drawn of sampleIndices(size, count, random)) {
      const at = drawn < gap ? drawn : drawn + 1
      const peer = at < leechers ? this.#leechers[at] : this.#seeders[at - leechers]
      if (peer !== undefined && !equalBytes(peer.peerId, asker.peerId)) peers.push(peer)
    }
    return peers
  }

  #delete(key: string, member: Member): void {
    this.#members.delete(key)
    if (member.isPartialSeed) this.#partialSeeds--
    const kind = member.isSeeder ? this.#seeders : this.#leechers
    const last = kind.pop()
    if (last === undefined || last === member) return
    kind[member.index] = last
    last.index = member.index
  }
}
