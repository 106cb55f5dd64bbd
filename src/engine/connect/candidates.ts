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
  contributor: Contributor
  state: 'idle' | 'connecting' | 'connected'
  /** Attempts that failed since the last one that did not. */
  failures: number
  /** Not to be tried before this time (ms). */
  nextAttempt: number
  /** It turned out to be ourselves, or a seed when we are one, too: not to be tried any more. */
  isPointless: boolean
}

/** Addresses kept; those that fail most give way to new ones. */
export const MAX_CANDIDATES = 2_000

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

  get size(): number {
    return this.#byAddress.size
  }

  /** Remembers an address; the one already known where there is one, undefined where there is no room for it. */
  add(address: PeerAddress): Candidate | undefined {
    const key = formatAddress(address)
    const known = this.#byAddress.get(key)
    if (known !== undefined) return known
    if (this.#byAddress.size >= MAX_CANDIDATES && !this.#dropWorst()) return undefined
    const candidate: Candidate = {
      address,
      contributor: newContributor(address),
      state: 'idle',
      failures: 0,
      nextAttempt: 0,
      isPointless: false,
    }
    this.#byAddress.set(key, candidate)
    return candidate
  }

  /** An address that is due, those with the fewest failures first; undefined where none is. */
  next(now: number): Candidate | undefined {
    let best: Candidate | undefined
    for (const candidate of this.#byAddress.values()) {
      if (candidate.state !== 'idle' || candidate.isPointless || candidate.nextAttempt > now) continue
      if (this.isBanned(candidate.contributor)) continue
      if (best === undefined || candidate.failures < best.failures) best = candidate
      if (best.failures === 0) break
    }
    return best
  }

  /** No connection came about: tried again after 5 s, 10 s, 20 s, ... half an hour. */
  failed(candidate: Candidate, now: number): void {
    candidate.state = 'idle'
    candidate.nextAttempt = now + Math.min(FIRST_BACK_OFF_MS * 2 ** candidate.failures, MAX_BACK_OFF_MS)
    candidate.failures++
  }

  connected(candidate: Candidate): void {
    candidate.state = 'connected'
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

  #dropWorst(): boolean {
    let worst: [string, Candidate] | undefined
    for (const entry of this.#byAddress) {
      const [, candidate] = entry
      if (candidate.state !== 'idle' || candidate.contributor.isBanned) continue
      if (candidate.failures > (worst?.[1].failures ?? 0)) worst = entry
    }
    return worst !== undefined && this.#byAddress.delete(worst[0])
  }
}

function isLoopback(host: string): boolean {
  return host.startsWith('127.') || host === '::1'
}
