import type { ListedPeer } from '../../protocol/tracker/announce-answer.js'
import type { AnnounceEvent } from '../../protocol/tracker/announce-request.js'
import type { SwarmCounts } from '../../protocol/tracker/scrape.js'
import type { AnnounceSource } from './ledger.js'

/** What the store is told by one announce. */
export interface Announcement {
  /** 20 bytes. */
  readonly infoHash: Uint8Array
  /** With port 0 where nobody can connect to it. */
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
  /** How often `completed` was heard. */
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
 * Who is in which swarm. The time, in milliseconds from any fixed moment, comes in with every call; a peer that has
 * not announced for the store's timeout is gone.
 */
export interface SwarmStore {
  /**
   * Notes the peer (`stopped` takes it out) and gives it random others: never itself, to a seeder no seeders, and to
   * nobody a peer with port 0.
   */
  announce(announcement: Announcement, now: number): AnnounceOutcome
  /** Undefined for a swarm that nobody is in. */
  scrape(infoHash: Uint8Array, now: number): SwarmCounts | undefined
  /** The peers of a torrent with one info hash, or with two; one that is in both swarms counts once. */
  peersOf(infoHashes: readonly Uint8Array[]): PeerCounts | undefined
  /** The swarms with the most peers, the largest first. */
  largest(limit: number): SwarmSummary[]
  readonly totals: StoreTotals
  /** Lets go of swarms that nobody announced to for the timeout. */
  expire(now: number): void
}
