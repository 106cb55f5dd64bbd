import { BoundedSet } from '../../base/bounded-map.js'
import { hostGroup } from '../../protocol/host-group.js'
import { formatAddress, type PeerAddress } from '../../protocol/peer-address.js'
import { CONFIRMED_RANK, type PeerSource, TRUST_RANK } from '../../protocol/peer-source.js'

/** Someone who sends us blocks, remembered when the connection is gone. */
export interface Contributor {
  /** Where it is, or was, connected from or to. */
  readonly address: PeerAddress
  /** Bad pieces that it had a part in with others, less the good ones: of two suspects the lesser is asked first. */
  strikes: number
  /** It had a part in a bad piece: it gets whole pieces to itself until one of them is good. */
  isOnParole: boolean
  /** How often it broke the protocol. */
  breaches: number
  /** It sent bad data beyond doubt, or broke the protocol too often. */
  isBanned: boolean
}

export function newContributor(address: PeerAddress): Contributor {
  return { address, strikes: 0, isOnParole: false, breaches: 0, isBanned: false }
}

/** An address at which a peer may listen, and how it went so far. */
export interface Candidate {
  readonly address: PeerAddress
  /** Its host, or /64: attempts at one are counted together. */
  readonly group: string
  contributor: Contributor
  state: 'idle' | 'connecting' | 'connected'
  /** Attempts that failed since the last one that did not. */
  failures: number
  /** Not to be tried before this time (ms). */
  nextAttempt: number
  /** It turned out to be ourselves, or a seed when we are one, too: not to be tried any more. */
  isPointless: boolean
  /** The highest rank of the sources that named it; at least `CONFIRMED_RANK` once a connection to it came about. */
  trustRank: number
  /** Its canonical priority (BEP 40); undefined until it is its turn to be computed. */
  priority: number | undefined
}

/** Addresses kept; those that fail most give way to new ones. */
export const MAX_CANDIDATES = 2_000

/** Of them those below `CONFIRMED_RANK`, so that what trackers tell finds room without anything being forgotten for it. */
export const MAX_UNCONFIRMED = MAX_CANDIDATES / 2

/** Failed attempts after which one of them is forgotten: both hashes of a hybrid have been named by then. */
const MAX_UNCONFIRMED_FAILURES = 3

/**
 * Connections to one host, or /64, that are being begun at a time: whoever names a thousand ports of a host that does not
 * answer must neither use up our attempts nor have us flood that host.
 */
const MAX_CONNECTING_PER_GROUP = 8

/** Priorities that are computed in one go: a few milliseconds. */
const PRIORITIES_AT_ONCE = 256

/** Banned hosts kept. */
const MAX_BANNED_HOSTS = 10_000

const FIRST_BACK_OFF_MS = 5_000
const MAX_BACK_OFF_MS = 30 * 60_000
/** After a connection that had worked. */
const RECONNECT_MS = 10_000

/**
 * The addresses to connect to, each with its own back-off. How far the source of an address is trusted (`TRUST_RANK`) decides
 * which is tried first, which gives way when there is no room, and how long one that fails is kept.
 */
export class Candidates {
  readonly #byAddress = new Map<string, Candidate>()
  readonly #bannedHosts = new BoundedSet<string>(MAX_BANNED_HOSTS)
  readonly #priorityOf: (address: PeerAddress) => number
  /** Connections that are being begun, by host or /64. */
  readonly #connecting = new Map<string, number>()
  #unconfirmedCount = 0

  /** @param priorityOf the canonical priority of an address (BEP 40): of those that are alike the greatest goes first */
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
   * Remembers an address. Where there is no room, one gives way that is trusted less, or as far and has failed.
   * @returns the one already known where there is one; undefined where there is no room or the host is banned
   */
  add(address: PeerAddress, source: PeerSource): Candidate | undefined {
    const key = formatAddress(address)
    const trustRank = TRUST_RANK[source]
    const known = this.#byAddress.get(key)
    if (known !== undefined) {
      this.#trust(known, trustRank)
      return known
    }
    if (this.#bannedHosts.has(address.host)) return undefined
    if (!this.#hasRoomFor(trustRank) && !this.#makeRoomFor(trustRank)) return undefined
    return this.#insert(key, address, trustRank)
  }

  #hasRoomFor(trustRank: number): boolean {
    if (this.#byAddress.size >= MAX_CANDIDATES) return false
    return trustRank >= CONFIRMED_RANK || this.#unconfirmedCount < MAX_UNCONFIRMED
  }

  #insert(key: string, address: PeerAddress, trustRank: number): Candidate {
    const candidate: Candidate = {
      address,
      group: hostGroup(address.host),
      contributor: newContributor(address),
      state: 'idle',
      failures: 0,
      nextAttempt: 0,
      isPointless: false,
      trustRank,
      priority: undefined,
    }
    this.#byAddress.set(key, candidate)
    if (trustRank < CONFIRMED_RANK) this.#unconfirmedCount++
    return candidate
  }

  /** An address that is due: the one with the fewest failures, of these the most trusted, of these the one of the greatest priority. */
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

  /** A connection to it is being begun; `failed` is to be called when it is decided, whatever comes of it. */
  connecting(candidate: Candidate): void {
    candidate.state = 'connecting'
    this.#connecting.set(candidate.group, (this.#connecting.get(candidate.group) ?? 0) + 1)
  }

  /** Addresses that were of no more use are so again: we are no seed any more. */
  reconsider(now: number): void {
    for (const candidate of this.#byAddress.values()) {
      if (!candidate.isPointless) continue
      candidate.isPointless = false
      candidate.nextAttempt = now
    }
  }

  /** Our own address turned out to be another: priorities are so, too. */
  forgetPriorities(): void {
    for (const candidate of this.#byAddress.values()) candidate.priority = undefined
  }

  /** No connection came about: tried again after 5 s, 10 s, 20 s, ... half an hour. */
  failed(candidate: Candidate, now: number): void {
    if (candidate.state === 'connecting') this.#decided(candidate.group)
    candidate.state = 'idle'
    candidate.nextAttempt = now + Math.min(FIRST_BACK_OFF_MS * 2 ** candidate.failures, MAX_BACK_OFF_MS)
    candidate.failures++
    // An address that nobody has seen a peer at may be a stranger's, which is not to be dialled again and again.
    if (isUnconfirmed(candidate) && candidate.failures >= MAX_UNCONFIRMED_FAILURES) this.#forget(candidate)
  }

  connected(candidate: Candidate): void {
    candidate.state = 'connected'
    this.#trust(candidate, CONFIRMED_RANK)
  }

  /** A connection ended; one that was of no use counts as an attempt that failed. */
  closed(candidate: Candidate, wasUseful: boolean, now: number): void {
    if (!wasUseful) {
      this.failed(candidate, now)
      return
    }
    candidate.state = 'idle'
    candidate.failures = 0
    candidate.nextAttempt = now + RECONNECT_MS
  }

  /** Nothing of this peer is wanted any more, nor of its host, but for this machine, where many peers share one. */
  ban(contributor: Contributor): void {
    contributor.isBanned = true
    const { host } = contributor.address
    if (isLoopback(host)) return
    this.#bannedHosts.add(host)
  }

  isBanned(contributor: Contributor): boolean {
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

  /** Forgets the least trusted of the addresses that give way to one of this rank, of these the one that failed most; false where there is none. */
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
