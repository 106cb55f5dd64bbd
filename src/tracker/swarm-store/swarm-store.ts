import type { ListedPeer } from '../../protocol/tracker/announce-answer.js'
import type { AnnounceEvent } from '../../protocol/tracker/announce-request.js'
import type { SwarmCounts } from '../../protocol/tracker/scrape.js'
import type { AnnounceSource } from './ledger.js'

/** One announce, as the store takes it. */
export interface Announcement {
  /** 20 bytes. */
  readonly infoHash: Uint8Array
  /** With port 0 if it accepts no connections. */
  readonly peer: ListedPeer
  readonly source: AnnounceSource
  /** Nothing is left to download. */
  readonly isSeeder: boolean
  readonly event: AnnounceEvent | undefined
  /** The most peers to give back. */
  readonly numwant: number
}

/**
 * Why a newcomer is not taken: `full`, there is no room for another swarm or another peer; or its address has as many
 * peers as it may, in this swarm or in all of them.
 */
export type AnnounceRefusal = 'full' | 'address-has-too-many' | 'address-has-too-many-here'

export type AnnounceOutcome =
  | { readonly type: 'listed'; readonly counts: SwarmCounts; readonly peers: readonly ListedPeer[] }
  | { readonly type: 'refused'; readonly reason: AnnounceRefusal }

export interface PeerCounts {
  readonly seeders: number
  readonly leechers: number
  /** The number of `completed` events. */
  readonly downloaded: number
}

export interface SwarmSummary extends PeerCounts {
  readonly infoHash: Uint8Array
}

export interface StoreTotals {
  readonly swarms: number
  readonly seeders: number
  readonly leechers: number
}

/**
 * The swarms and their peers. The time, in milliseconds from any fixed moment, is passed to each call. A peer that has not
 * announced for the store's timeout has left.
 */
export interface SwarmStore {
  /**
   * Records the peer (`stopped` removes it) and returns random others: never itself, never a peer with port 0, and no seeders
   * to a seeder.
   */
  announce(announcement: Announcement, now: number): AnnounceOutcome
  /** Undefined for a swarm without peers. */
  scrape(infoHash: Uint8Array, now: number): SwarmCounts | undefined
  /** The peers of a torrent with one info hash, or with two; one that is in both swarms counts once. */
  peersOf(infoHashes: readonly Uint8Array[]): PeerCounts | undefined
  /** The swarms with the most peers, the largest first. */
  largest(limit: number): SwarmSummary[]
  readonly totals: StoreTotals
  /** Removes swarms that had no announce for the timeout. */
  expire(now: number): void
}
