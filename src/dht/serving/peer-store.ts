// BEP 5, 33: the peers that others announced to us.

import { toHex } from '../../base/bytes.js'
import { type Random, shuffle } from '../../base/random.js'
import { isLocal } from '../../protocol/dht/secure-id.js'
import { hostGroup } from '../../protocol/host-group.js'
import { encodeCompact, type PeerAddress } from '../../protocol/peer-address.js'
import type { DhtLimits } from '../limits.js'
import { nodeKey } from '../table/host-keys.js'

interface StoredPeer {
  readonly host: string
  /** 6 or 18 bytes. */
  readonly compact: Uint8Array
  readonly isSeed: boolean
  readonly announcedAt: number
}

/** Why a peer is not stored; `full` for as well one host's share. */
export type StoreOutcome = 'stored' | 'full'

/** Peers by info hash: one for each host and hash (BEP 33), or port of this machine; the last announced at the end. */
export class PeerStore {
  readonly #limits: DhtLimits
  readonly #random: Random
  readonly #swarms = new Map<string, Map<string, StoredPeer>>()
  /** Announces by host, or by its network for IPv6. */
  readonly #shares = new Map<string, number>()
  #peers = 0

  constructor(limits: DhtLimits, random: Random) {
    this.#limits = limits
    this.#random = random
  }

  get hashCount(): number {
    return this.#swarms.size
  }

  get peerCount(): number {
    return this.#peers
  }

  announce(infoHash: Uint8Array, address: PeerAddress, isSeed: boolean, now: number): StoreOutcome {
    const compact = encodeCompact(address)
    if (compact === undefined) return 'full'
    const key = toHex(infoHash)
    const swarm = this.#swarms.get(key)
    const peer = nodeKey(address)
    const isKnown = swarm?.has(peer) ?? false
    if (!isKnown && !this.#hasRoom(swarm, address.host)) return 'full'
    const peers = swarm ?? new Map<string, StoredPeer>()
    if (swarm === undefined) this.#swarms.set(key, peers)
    peers.delete(peer)
    peers.set(peer, { host: address.host, compact, isSeed, announcedAt: now })
    if (!isKnown) this.#count(address.host, 1)
    return 'stored'
  }

  /** True where no more peers of this hash are stored, so that no token is to be given out for it (BEP 33). */
  isFull(infoHash: Uint8Array): boolean {
    return (this.#swarms.get(toHex(infoHash))?.size ?? 0) >= this.#limits.peersPerHash
  }

  /** At most `count` peers, drawn at random; where no seeds are wanted, they come last. */
  draw(infoHash: Uint8Array, count: number, noSeeds: boolean, now: number): Uint8Array[] {
    const peers = this.#fresh(infoHash, now)
    if (peers.length > count || noSeeds) shuffle(peers, this.#random)
    if (noSeeds) peers.sort((a, b) => Number(a.isSeed) - Number(b.isSeed))
    return peers.slice(0, count).map(({ compact }) => compact)
  }

  /** All peers of a hash, for bloom filters. */
  all(infoHash: Uint8Array, now: number): readonly { readonly host: string; readonly isSeed: boolean }[] {
    return this.#fresh(infoHash, now)
  }

  /** At most `count` info hashes, drawn at random. */
  sample(count: number): string[] {
    const hashes = [...this.#swarms.keys()]
    return hashes.length <= count ? hashes : shuffle(hashes, this.#random).slice(0, count)
  }

  /** Drops what was not announced again in time. */
  expire(now: number): void {
    for (const [key, swarm] of this.#swarms) {
      for (const [peerKey, peer] of swarm) {
        if (!this.#isOld(peer, now)) break
        swarm.delete(peerKey)
        this.#count(peer.host, -1)
      }
      if (swarm.size === 0) this.#swarms.delete(key)
    }
  }

  #fresh(infoHash: Uint8Array, now: number): StoredPeer[] {
    const swarm = this.#swarms.get(toHex(infoHash))
    return swarm === undefined ? [] : [...swarm.values()].filter(peer => !this.#isOld(peer, now))
  }

  #isOld({ announcedAt }: StoredPeer, now: number): boolean {
    return now - announcedAt >= this.#limits.peerMs
  }

  #hasRoom(swarm: ReadonlyMap<string, StoredPeer> | undefined, host: string): boolean {
    const { hashes, peers, peersPerHash, peersPerHost } = this.#limits
    if (swarm === undefined ? this.#swarms.size >= hashes : swarm.size >= peersPerHash) return false
    if (this.#peers >= peers) return false
    return isLocal(host) || (this.#shares.get(hostGroup(host)) ?? 0) < peersPerHost
  }

  #count(host: string, by: 1 | -1): void {
    this.#peers += by
    const group = hostGroup(host)
    const share = (this.#shares.get(group) ?? 0) + by
    if (share > 0) this.#shares.set(group, share)
    else this.#shares.delete(group)
  }
}
