// BEP 3, 48: what the tracker answers, however requests and answers are written.

import type { Random } from '../base/random.js'
import type { ListedPeer } from '../protocol/tracker/announce-answer.js'
import type { AnnounceRequest } from '../protocol/tracker/announce-request.js'
import type { SwarmCounts } from '../protocol/tracker/scrape.js'
import type { TrackerClient } from './client.js'
import type { AnnounceRefusal, SwarmStore } from './swarm-store/swarm-store.js'

/** The contents of an announce, without the parts that only HTTP queries have. */
export type AnnounceFacts = Omit<AnnounceRequest, 'compact' | 'noPeerId' | 'trackerId' | 'encryption'>

export type TrackerRequest =
  | { readonly type: 'announce'; readonly announce: AnnounceFacts }
  /** The hashes of 20 bytes of the swarms that are asked for; none asks for all of them. */
  | { readonly type: 'scrape'; readonly infoHashes: readonly Uint8Array[] }

/** Why a request is not answered otherwise; `full-scrape`: it asks for all swarms. */
type RefusalReason = AnnounceRefusal | 'full-scrape'

export interface AnnounceDecision {
  readonly type: 'announce'
  /** Seconds until the peer is to announce again. */
  readonly interval: number
  /** Seconds before which it is not to announce again. */
  readonly minInterval: number
  readonly counts: SwarmCounts
  /** Of both address families. */
  readonly peers: readonly ListedPeer[]
  /** The address of the peer as we see it (BEP 24). */
  readonly externalHost: string
}

export interface ScrapeDecision {
  readonly type: 'scrape'
  /** In the order in which they were asked for; undefined for a swarm without peers. */
  readonly swarms: readonly (readonly [infoHash: Uint8Array, counts: SwarmCounts | undefined])[]
}

export interface Refusal {
  readonly type: 'refusal'
  readonly reason: RefusalReason
  /** One line for people. */
  readonly message: string
  /** Minutes after which another try is worth it; undefined where none is. */
  readonly retryMinutes: number | undefined
}

export type TrackerDecision = AnnounceDecision | ScrapeDecision | Refusal

export interface AnnounceRules {
  /** Seconds until a peer is to announce again; up to a tenth more is added by chance. */
  readonly intervalSeconds: number
  readonly minIntervalSeconds: number
  readonly random: Random
}

/** One accepted announce, for observers. */
export interface AnnounceSeen extends SwarmCounts {
  readonly request: AnnounceFacts
  /** Where it came from. */
  readonly host: string
}

const DEFAULT_NUMWANT = 50
const MAX_NUMWANT = 200
/** Minutes after which a place may have become free. */
const RETRY_WHEN_FULL = 15

const REFUSALS: Readonly<Record<RefusalReason, Refusal>> = {
  full: refusal('full', 'this tracker is full', RETRY_WHEN_FULL),
  'address-has-too-many': refusal(
    'address-has-too-many',
    'your address has too many peers at this tracker',
    RETRY_WHEN_FULL,
  ),
  'address-has-too-many-here': refusal(
    'address-has-too-many-here',
    'your address has too many peers of this torrent',
    RETRY_WHEN_FULL,
  ),
  // It would hand out all that is tracked, at any size.
  'full-scrape': refusal('full-scrape', 'info_hash is missing: this tracker gives no full scrape', undefined),
}

/**
 * Decides what requests are answered. A front end reads requests, counts them against the rate of their address
 * (`RequestRate`), and writes the answers.
 */
export class TrackerDecisions {
  readonly #store: SwarmStore
  readonly #rules: AnnounceRules
  readonly #onAnnounce: ((seen: AnnounceSeen) => void) | undefined

  /** @param onAnnounce called after each announce that was taken */
  constructor(store: SwarmStore, rules: AnnounceRules, onAnnounce?: (seen: AnnounceSeen) => void) {
    this.#store = store
    this.#rules = rules
    this.#onAnnounce = onAnnounce
  }

  /**
   * Records an announce, and decides the answer.
   * @param client where the request came from: peers are told that address, whatever the request says
   * @param now in milliseconds from any fixed moment
   */
  decide(request: TrackerRequest, client: TrackerClient, now: number): TrackerDecision {
    switch (request.type) {
      case 'announce':
        return this.#announce(request.announce, client, now)
      case 'scrape':
        return this.#scrape(request.infoHashes, now)
    }
  }

  #announce(request: AnnounceFacts, client: TrackerClient, now: number): AnnounceDecision | Refusal {
    const { infoHash, peerId, port, left, event, numwant } = request
    const outcome = this.#store.announce(
      {
        infoHash,
        peer: { compact: compactOf(client.bytes, port), peerId },
        source: client,
        isSeeder: left === 0,
        event,
        numwant: Math.min(numwant ?? DEFAULT_NUMWANT, MAX_NUMWANT),
      },
      now,
    )
    if (outcome.type === 'refused') return REFUSALS[outcome.reason]
    const { counts, peers } = outcome
    this.#onAnnounce?.({ ...counts, request, host: client.host })
    return {
      type: 'announce',
      interval: this.#jitteredInterval(),
      minInterval: this.#rules.minIntervalSeconds,
      counts,
      peers,
      externalHost: client.host,
    }
  }

  #scrape(infoHashes: readonly Uint8Array[], now: number): ScrapeDecision | Refusal {
    if (infoHashes.length === 0) return REFUSALS['full-scrape']
    return {
      type: 'scrape',
      swarms: infoHashes.map(infoHash => [infoHash, this.#store.scrape(infoHash, now)] as const),
    }
  }

  /** Clients that came together do not come back together. */
  #jitteredInterval(): number {
    const { intervalSeconds, random } = this.#rules
    return intervalSeconds + random.below(Math.floor(intervalSeconds / 10) + 1)
  }
}

function refusal(reason: RefusalReason, message: string, retryMinutes: number | undefined): Refusal {
  return { type: 'refusal', reason, message, retryMinutes }
}

/** The 6 or 18 bytes of BEP 23 and 7; the port may be 0. */
function compactOf(host: Uint8Array, port: number): Uint8Array {
  const bytes = new Uint8Array(host.length + 2)
  bytes.set(host)
  bytes[host.length] = port >>> 8
  bytes[host.length + 1] = port & 0xff
  return bytes
}
