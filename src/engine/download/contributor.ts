import type { PeerAddress } from '../../protocol/peer-address.js'

/** The record of a source that has sent us blocks. */
interface ContributorRecord {
  /** Bad pieces that it had a part in with others, less good ones: of two suspects the one with fewer is asked first. */
  strikes: number
  /** It had a part in a bad piece: it gets whole pieces to itself until one of them is good. */
  isSuspect: boolean
  /** It sent bad data for certain, or broke the protocol too often. */
  isBanned: boolean
}

/** A peer as a contributor; its record stays when the connection is gone. */
export interface PeerContributor extends ContributorRecord {
  readonly type: 'peer'
  /** The address that it connects or connected from, or that we connect to. */
  readonly address: PeerAddress
  /** Breaches of the protocol. */
  breaches: number
}

/** A web server (BEP 19). */
export interface WebSeedContributor extends ContributorRecord {
  readonly type: 'web-seed'
  readonly url: string
}

/** A source of blocks as it is judged: blocks are credited to it, and it is banned for bad ones. */
export type Contributor = PeerContributor | WebSeedContributor

export function newContributor(address: PeerAddress): PeerContributor {
  return { type: 'peer', address, strikes: 0, isSuspect: false, breaches: 0, isBanned: false }
}

export function newWebSeedContributor(url: string): WebSeedContributor {
  return { type: 'web-seed', url, strikes: 0, isSuspect: false, isBanned: false }
}
