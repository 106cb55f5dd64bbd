import { hostGroup } from '../../protocol/host-group.js'
import { formatAddress, type PeerAddress } from '../../protocol/peer-address.js'

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
  /** Only other peers named it, and no connection to it came about so far. */
  isHearsay: boolean
  /** Its canonical priority (BEP 40); undefined until it is its turn to be computed. */
  rank: number | undefined
}

/** Addresses kept; those that fail most give way to new ones. */
export const MAX_CANDIDATES = 2_000

/** Of them those that only peers named, so that no peer can crowd out what trackers tell. */
export const MAX_HEARSAY = MAX_CANDIDATES / 2

/** Attempts after which one of them is forgotten: both hashes of a hybrid have been named by then. */
const MAX_HEARSAY_FAILURES = 3

/**
 * Connections to one host, or /64, that are being begun at a time: whoever names a thousand ports of a host that does not
 * answer must neither use up our attempts nor have us flood that host.
 */
const MAX_CONNECTING_PER_GROUP = 8

/** Priorities that are computed in one go: a few milliseconds. */
const RANKED_AT_ONCE = 256

/** Banned hosts kept; the oldest give way. */
const MAX_BANNED_HOSTS = 10_000

const FIRST_BACK_OFF_MS = 5_000
const MAX_BACK_OFF_MS = 30 * 60_000
/** After a connection that had worked. */
const RECONNECT_MS = 10_000

/** Whom to connect to: the addresses from trackers and peers, each with its own back-off. */
export class Candidates {
  readonly #byAddress = new Map<string, Candidate>()
  readonly #bannedHosts = new Set<string>()
  readonly #rankOf: (address: PeerAddress) => number
  /** Connections that are being begun, by host or /64. */
  readonly #connecting = new Map<string, number>()
  #hearsayCount = 0

  /** @param rankOf the priority of an address: of those that are alike the greatest goes first */
  constructor(rankOf: (address: PeerAddress) => number = () => 0) {
    this.#rankOf = rankOf
  }

  get size(): number {
    return this.#byAddress.size
  }

  /** Remembers an address; the one already known where there is one, undefined where there is no room for it. */
  add(address: PeerAddress): Candidate | undefined {
    const key = formatAddress(address)
    const known = this.#byAddress.get(key)
    if (known !== undefined) {
      this.#believe(known)
      return known
    }
    const isFull = this.#byAddress.size >= MAX_CANDIDATES
    if (isFull && !this.#dropWorst('hearsay', 0) && !this.#dropWorst('any', 1)) return undefined
    return this.#insert(key, address, false)
  }

  /** As `add`, for what only a peer says: undefined also where it is known already. It takes no place of another's but of hearsay that failed. */
  addHearsay(address: PeerAddress): Candidate | undefined {
    const key = formatAddress(address)
    if (this.#byAddress.has(key) || this.#bannedHosts.has(address.host)) return undefined
    const isFull = this.#byAddress.size >= MAX_CANDIDATES || this.#hearsayCount >= MAX_HEARSAY
    if (isFull && !this.#dropWorst('hearsay', 1)) return undefined
    this.#hearsayCount++
    return this.#insert(key, address, true)
  }

  #insert(key: string, address: PeerAddress, isHearsay: boolean): Candidate {
    const candidate: Candidate = {
      address,
      group: hostGroup(address.host),
      contributor: newContributor(address),
      state: 'idle',
      failures: 0,
      nextAttempt: 0,
      isPointless: false,
      isHearsay,
      rank: undefined,
    }
    this.#byAddress.set(key, candidate)
    return candidate
  }

  /** An address that is due: with the fewest failures, rather from a tracker than from a peer, of the greatest priority. */
  next(now: number): Candidate | undefined {
    let best: Candidate | undefined
    let ranked = 0
    for (const candidate of this.#byAddress.values()) {
      if (candidate.state !== 'idle' || candidate.isPointless || candidate.nextAttempt > now) continue
      if (this.isBanned(candidate.contributor)) continue
      if (candidate.rank === undefined && ranked++ < RANKED_AT_ONCE)
        candidate.rank = this.#rankOf(candidate.address)
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
  forgetRanks(): void {
    for (const candidate of this.#byAddress.values()) candidate.rank = undefined
  }

  /** No connection came about: tried again after 5 s, 10 s, 20 s, ... half an hour. */
  failed(candidate: Candidate, now: number): void {
    if (candidate.state === 'connecting') this.#decided(candidate.group)
    candidate.state = 'idle'
    candidate.nextAttempt = now + Math.min(FIRST_BACK_OFF_MS * 2 ** candidate.failures, MAX_BACK_OFF_MS)
    candidate.failures++
    // Whoever has a stranger dialled again and again does harm by us.
    if (candidate.isHearsay && candidate.failures >= MAX_HEARSAY_FAILURES) this.#forget(candidate)
  }

  connected(candidate: Candidate): void {
    candidate.state = 'connected'
    this.#believe(candidate)
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
    const [oldest] = this.#bannedHosts
    if (oldest !== undefined && this.#bannedHosts.size >= MAX_BANNED_HOSTS) this.#bannedHosts.delete(oldest)
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

  #believe(candidate: Candidate): void {
    if (!candidate.isHearsay) return
    candidate.isHearsay = false
    this.#hearsayCount--
  }

  /** Makes room: lets the one go that failed most often, and at least so often. */
  #dropWorst(among: 'hearsay' | 'any', leastFailures: number): boolean {
    let worst: Candidate | undefined
    for (const candidate of this.#byAddress.values()) {
      if (candidate.state !== 'idle' || candidate.contributor.isBanned) continue
      if (among === 'hearsay' && !candidate.isHearsay) continue
      if (candidate.failures >= (worst === undefined ? leastFailures : worst.failures + 1)) worst = candidate
    }
    if (worst !== undefined) this.#forget(worst)
    return worst !== undefined
  }

  #forget(candidate: Candidate): void {
    if (candidate.isHearsay) this.#hearsayCount--
    this.#byAddress.delete(formatAddress(candidate.address))
  }
}

function goesBefore(a: Candidate, b: Candidate): boolean {
  if (a.failures !== b.failures) return a.failures < b.failures
  if (a.isHearsay !== b.isHearsay) return b.isHearsay
  return (a.rank ?? 0) > (b.rank ?? 0)
}

function isLoopback(host: string): boolean {
  return host.startsWith('127.') || host === '::1'
}
