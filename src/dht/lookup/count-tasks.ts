// BEP 33, 51: lookups that count the peers of a torrent, and that sample info hashes.

import { BloomFilter } from '../../protocol/dht/bloom-filter.js'
import type { NodeInfo } from '../../protocol/dht/compact-nodes.js'
import type { Answer, Query } from '../../protocol/dht/messages.js'
import { NODE_ID_LENGTH } from '../../protocol/dht/node-id.js'
import { decodeCompact } from '../../protocol/peer-address.js'
import type { DhtWorld } from '../world.js'
import type { LookupReport, LookupTask } from './lookup.js'
import type { NodesListener } from './tasks.js'

export interface ScrapeListener {
  /** Estimates; peers that are no seeds, or do not say that they are. */
  onEnd(counts: { readonly seeds: number; readonly peers: number }, report: LookupReport): void
}

/** Hosts that are looked at in answers without filters. */
const MAX_LISTED_HOSTS = 2_000

export class ScrapeTask implements LookupTask {
  readonly target: Uint8Array
  readonly #listener: ScrapeListener
  readonly #seeds: BloomFilter
  readonly #peers: BloomFilter
  /** Of nodes that know no filters. */
  readonly #listed = new Set<string>()

  constructor(infoHash: Uint8Array, listener: ScrapeListener, { sha1 }: DhtWorld) {
    this.target = infoHash
    this.#listener = listener
    this.#seeds = new BloomFilter(sha1)
    this.#peers = new BloomFilter(sha1)
  }

  query(): Query {
    return { type: 'get_peers', infoHash: this.target, want: [], noSeeds: false, isScrape: true }
  }

  answered(_: NodeInfo, { seedFilter, peerFilter, values = [] }: Answer): void {
    if (seedFilter !== undefined) this.#seeds.addAll(seedFilter)
    if (peerFilter !== undefined) this.#peers.addAll(peerFilter)
    if (seedFilter !== undefined || peerFilter !== undefined) return
    for (const compact of values) {
      const host = this.#listed.size < MAX_LISTED_HOSTS ? decodeCompact(compact)?.host : undefined
      if (host !== undefined) this.#listed.add(host)
    }
  }

  /** A host that is only listed may be one of the seeds. */
  ended(report: LookupReport): void {
    for (const host of this.#listed) if (!this.#seeds.has(host)) this.#peers.add(host)
    const counts = { seeds: Math.round(this.#seeds.estimate()), peers: Math.round(this.#peers.estimate()) }
    this.#listener.onEnd(counts, report)
  }
}

export interface SampleListener extends NodesListener {
  /**
   * Some of the info hashes that a node holds.
   * @param total how many it holds
   * @param intervalMs until it shows others
   */
  onSamples(node: NodeInfo, infoHashes: readonly Uint8Array[], total: number, intervalMs: number): void
}

/** BEP 51: the longest interval, six hours. */
const MAX_INTERVAL_S = 21_600

export class SampleTask implements LookupTask {
  readonly target: Uint8Array
  readonly #listener: SampleListener

  constructor(target: Uint8Array, listener: SampleListener) {
    this.target = target
    this.#listener = listener
  }

  query(): Query {
    return { type: 'sample_infohashes', target: this.target, want: [] }
  }

  answered(from: NodeInfo, { samples, storedHashes = 0, interval = 0 }: Answer): void {
    if (samples === undefined) return
    const hashes: Uint8Array[] = []
    for (let at = 0; at + NODE_ID_LENGTH <= samples.length; at += NODE_ID_LENGTH) {
      hashes.push(samples.slice(at, at + NODE_ID_LENGTH))
    }
    const total = Math.max(hashes.length, storedHashes)
    this.#listener.onSamples(from, hashes, total, 1_000 * Math.min(Math.max(interval, 0), MAX_INTERVAL_S))
  }

  ended(report: LookupReport): void {
    this.#listener.onEnd(report)
  }
}
