import { BoundedSet } from '../../base/bounded-map.js'
import { hostGroup } from '../../protocol/host-group.js'
import { formatAddress, type PeerAddress } from '../../protocol/peer-address.js'
import { CONFIRMED_RANK, type PeerSource, TRUST_RANK } from '../../protocol/peer-source.js'
import { newContributor, type PeerContributor } from '../download/contributor.js'

/** An address at which a peer may listen, and the outcome of earlier attempts. */
export interface Candidate {
  readonly address: PeerAddress
  /** Its host, or /64: attempts at one are counted together. */
  readonly group: string
  contributor: PeerContributor
  state: 'idle' | 'connecting' | 'connected'
  /** Failed attempts since the last that succeeded. */
  failures: number
  /** Not before this time (ms). */
  nextAttempt: number
  /** It is our own address, or that of a seed while we are one: it is not tried any more. */
  isPointless: boolean
  /** The highest rank of the sources that named it; at least `CONFIRMED_RANK` once a connection to it was made. */
  trustRank: number
  /** Of the sources that named it the first of the highest rank. */
  source: PeerSource
  /** Its canonical priority (BEP 40); undefined until it was computed. */
  priority: number | undefined
}

/** Addresses kept; those that failed most often are replaced first. */
export const MAX_CANDIDATES = 2_000

/** Of them, those below `CONFIRMED_RANK`: half, so that addresses from trackers find room without replacing others. */
export const MAX_UNCONFIRMED = MAX_CANDIDATES / 2

/** Failed attempts after which such an address is forgotten: both info hashes of a hybrid were tried by then. */
const MAX_UNCONFIRMED_FAILURES = 3

/**
 * Connections under way to one host, or /64. A source that names a thousand ports of a host that does not answer must neither
 * use up our attempts nor make us flood that host.
 */
const MAX_CONNECTING_PER_GROUP = 8

/** Priorities computed in one call: a few milliseconds. */
const PRIORITIES_AT_ONCE = 256

/** Banned hosts kept. */
const MAX_BANNED_HOSTS = 10_000

const FIRST_BACK_OFF_MS = 5_000
const MAX_BACK_OFF_MS = 30 * 60_000
/** The wait after a connection that worked. */
const RECONNECT_MS = 10_000

/**
 * The addresses to connect to, each with its own back-off. The trust in their sources (`TRUST_RANK`) decides which is tried
 * first, which is replaced when there is no room, and how long one that fails is kept.
 */
export class Candidates {
  readonly #byAddress = new Map<string, Candidate>()
  readonly #bannedHosts = new BoundedSet<string>(MAX_BANNED_HOSTS)
  readonly #priorityOf: (address: PeerAddress) => number
  /** Connections under way, by host or /64. */
  readonly #connecting = new Map<string, number>()
  #unconfirmedCount = 0

  /** @param priorityOf the canonical priority of an address (BEP 40); of otherwise equal addresses the greatest is tried first */
  constructor(priorityOf: (address: PeerAddress) => number = () => 0) {
    this.#priorityOf = priorityOf
  }

  get size(): number {
    return this.#byAddress.size
  }

  get(address: PeerAddress): Candidate | undefined {
    return this.#byAddress.get(formatAddress(address))
  }

  /**
   * Adds an address. Where there is no room, it replaces one that is trusted less, or as much and has failed.
   * @returns the known candidate where there is one; undefined where there is no room or the host is banned
   */
  add(address: PeerAddress, source: PeerSource): Candidate | undefined {
    const key = formatAddress(address)
    const trustRank = TRUST_RANK[source]
    const known = this.#byAddress.get(key)
    if (known !== undefined) {
      if (trustRank > TRUST_RANK[known.source]) known.source = source
      this.#trust(known, trustRank)
      return known
    }
    if (this.#bannedHosts.has(address.host)) return undefined
    if (!this.#hasRoomFor(trustRank) && !this.#makeRoomFor(trustRank)) return undefined
    return this.#insert(key, address, source, trustRank)
  }

  /**
   * Takes over what another list knows, of the sources that are allowed. Connections that exist there count here as attempts that did
   * not fail: those that do not come over are begun anew.
   */
  takeOver(others: Candidates, isAllowed: (source: PeerSource) => boolean): void {
    for (const host of others.#bannedHosts) this.#bannedHosts.add(host)
    for (const [key, other] of others.#byAddress) {
      if (this.#byAddress.has(key) || !this.#hasRoomFor(other.trustRank) || !isAllowed(other.source)) continue
      const candidate = this.#insert(key, other.address, other.source, other.trustRank)
      candidate.contributor = other.contributor
      if (other.state !== 'idle') continue
      candidate.failures = other.failures
      candidate.nextAttempt = other.nextAttempt
      candidate.isPointless = other.isPointless
    }
  }

  #hasRoomFor(trustRank: number): boolean {
    if (this.#byAddress.size >= MAX_CANDIDATES) return false
    return trustRank >= CONFIRMED_RANK || this.#unconfirmedCount < MAX_UNCONFIRMED
  }

  #insert(key: string, address: PeerAddress, source: PeerSource, trustRank: number): Candidate {
    const candidate: Candidate = {
      address,
      group: hostGroup(address.host),
      contributor: newContributor(address),
      state: 'idle',
      failures: 0,
      nextAttempt: 0,
      isPointless: false,
      trustRank,
      source,
      priority: undefined,
    }
    this.#byAddress.set(key, candidate)
    if (trustRank < CONFIRMED_RANK) this.#unconfirmedCount++
    return candidate
  }

  /** The next address to try: of those with the fewest failures the most trusted, of these the one of the greatest priority. */
  next(now: number): Candidate | undefined {
    let best: Candidate | undefined
    let computed = 0
    for (const candidate of this.#byAddress.values()) {
      if (candidate.state !== 'idle' || candidate.isPointless || candidate.nextAttempt > now) continue
      if (this.isBanned(candidate.contributor)) continue
      if (candidate.priority === undefined && computed++ < PRIORITIES_AT_ONCE)
        candidate.priority = this.#priorityOf(candidate.address)
      if (best !== undefined && !goesBefore(candidate, best)) continue
      if ((this.#connecting.get(candidate.group) ?? 0) < MAX_CONNECTING_PER_GROUP) best = candidate
    }
    return best
  }

  /** A connection to it is under way; call `failed` or `connected` when that is decided. */
  connecting(candidate: Candidate): void {
    candidate.state = 'connecting'
    this.#connecting.set(candidate.group, (this.#connecting.get(candidate.group) ?? 0) + 1)
  }

  /** We are no seed any more: other seeds are worth connecting to again. */
  reconsider(now: number): void {
    for (const candidate of this.#byAddress.values()) {
      if (!candidate.isPointless) continue
      candidate.isPointless = false
      candidate.nextAttempt = now
    }
  }

  /** Every address may be tried at once, whenever its last connection ended. */
  retry(now: number): void {
    for (const candidate of this.#byAddress.values())
      candidate.nextAttempt = Math.min(candidate.nextAttempt, now)
  }

  /** Our own address has changed, and the priorities with it. */
  forgetPriorities(): void {
    for (const candidate of this.#byAddress.values()) candidate.priority = undefined
  }

  /** No connection was made: tried again after 5 s, 10 s, 20 s, ... half an hour. */
  failed(candidate: Candidate, now: number): void {
    if (candidate.state === 'connecting') this.#decided(candidate.group)
    candidate.state = 'idle'
    candidate.nextAttempt = now + Math.min(FIRST_BACK_OFF_MS * 2 ** candidate.failures, MAX_BACK_OFF_MS)
    candidate.failures++
    // No peer was ever reached there: the address may belong to a host that has nothing to do with it.
    if (isUnconfirmed(candidate) && candidate.failures >= MAX_UNCONFIRMED_FAILURES) this.#forget(candidate)
  }

  connected(candidate: Candidate): void {
    candidate.state = 'connected'
    this.#trust(candidate, CONFIRMED_RANK)
  }

  /** A connection ended; where nothing was exchanged it counts as a failed attempt. */
  closed(candidate: Candidate, wasUseful: boolean, now: number): void {
    if (!wasUseful) {
      this.failed(candidate, now)
      return
    }
    candidate.state = 'idle'
    candidate.failures = 0
    candidate.nextAttempt = now + RECONNECT_MS
  }

  /** Bans a peer and its host; not the host where it is this machine, on which tests and users run several peers. */
  ban(contributor: PeerContributor): void {
    contributor.isBanned = true
    const { host } = contributor.address
    if (isLoopback(host)) return
    this.#bannedHosts.add(host)
  }

  isBanned(contributor: PeerContributor): boolean {
    return contributor.isBanned || this.#bannedHosts.has(contributor.address.host)
  }

  #decided(group: string): void {
    const left = (this.#connecting.get(group) ?? 0) - 1
    if (left > 0) this.#connecting.set(group, left)
    else this.#connecting.delete(group)
  }

  #trust(candidate: Candidate, trustRank: number): void {
    if (trustRank <= candidate.trustRank) return
    if (isUnconfirmed(candidate) && trustRank >= CONFIRMED_RANK) this.#unconfirmedCount--
    candidate.trustRank = trustRank
  }

  /** Forgets the least trusted address that one of this rank may replace, of several the one that failed most; false if none. */
  #makeRoomFor(trustRank: number): boolean {
    let worst: Candidate | undefined
    for (const candidate of this.#byAddress.values()) {
      if (candidate.state !== 'idle' || candidate.contributor.isBanned) continue
      const givesWay =
        candidate.trustRank < trustRank || (candidate.trustRank === trustRank && candidate.failures > 0)
      if (givesWay && (worst === undefined || givesWayBefore(candidate, worst))) worst = candidate
    }
    if (worst !== undefined) this.#forget(worst)
    return worst !== undefined
  }

  #forget(candidate: Candidate): void {
    if (isUnconfirmed(candidate)) this.#unconfirmedCount--
    this.#byAddress.delete(formatAddress(candidate.address))
  }
}

function isUnconfirmed({ trustRank }: Candidate): boolean {
  return trustRank < CONFIRMED_RANK
}

function goesBefore(a: Candidate, b: Candidate): boolean {
  if (a.failures !== b.failures) return a.failures < b.failures
  if (a.trustRank !== b.trustRank) return a.trustRank > b.trustRank
  return (a.priority ?? 0) > (b.priority ?? 0)
}

function givesWayBefore(a: Candidate, b: Candidate): boolean {
  if (a.trustRank !== b.trustRank) return a.trustRank < b.trustRank
  return a.failures > b.failures
}

function isLoopback(host: string): boolean {
  return host.startsWith('127.') || host === '::1'
}
