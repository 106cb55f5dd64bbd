import type { ListedPeer } from '../../protocol/tracker/announce-answer.js'
import type { AnnounceEvent } from '../../protocol/tracker/announce-request.js'
import type { SwarmCounts } from '../../protocol/tracker/scrape.js'

/** What the store is told by one announce. */
export interface Announcement {
  /** 20 bytes. */
  readonly infoHash: Uint8Array
  readonly peer: ListedPeer
  /** Nothing is left to download. */
  readonly isSeeder: boolean
  readonly event: AnnounceEvent | undefined
  /** The most peers to give back. */
  readonly numwant: number
}

/** `full`: there is no room for another swarm or another peer. */
export type AnnounceOutcome =
  | { readonly type: 'listed'; readonly counts: SwarmCounts; readonly peers: readonly ListedPeer[] }
  | { readonly type: 'full' }

export interface SwarmSummary extends SwarmCounts {
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
   * Notes the peer (`stopped` takes it out) and gives it random others: never itself, and to a seeder no seeders.
   */
  announce(announcement: Announcement, now: number): AnnounceOutcome
  /** Undefined for a swarm that nobody is in. */
  scrape(infoHash: Uint8Array, now: number): SwarmCounts | undefined
  /** The swarms with the most peers, the largest first. */
  largest(limit: number): SwarmSummary[]
  readonly totals: StoreTotals
  /** Lets go of swarms that nobody announced to for the timeout. */
  expire(now: number): void
}
