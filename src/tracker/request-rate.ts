import type { TrackerClient } from './client.js'
import type { AddressKind, AddressLimits } from './limits.js'

type Rates = Readonly<Record<AddressKind, Pick<AddressLimits, 'requestsPerSecond' | 'requestBurst'>>>

/** Addresses that are remembered in each of two generations: some 10 MB in all. */
const MAX_ADDRESSES = 65_536

/**
 * Requests of each address as a leaky bucket (the generic cell rate algorithm): all that is kept of an address is the
 * moment at which it will have leaked empty. Two generations, of which the older is dropped whole: nothing is lost with
 * it but buckets that have leaked empty, unless more addresses come than there is room for.
 */
export class RequestRate {
  readonly #rates: Rates
  /** The longest time that a bucket takes to leak empty, in milliseconds. */
  readonly #generationMs: number
  #young = new Map<string, number>()
  #old = new Map<string, number>()
  #since = 0

  constructor(rates: Rates) {
    this.#rates = rates
    const durations = Object.values(rates).map(({ requestsPerSecond, requestBurst }) =>
      Number.isFinite(requestsPerSecond) ? (2 * requestBurst * 1000) / requestsPerSecond : 0,
    )
    this.#generationMs = Math.max(...durations)
  }

  /** Counts a request that costs as much as `cost` announces. False where it is one too many. */
  take({ key, kind }: TrackerClient, cost: number, now: number): boolean {
    const { requestsPerSecond, requestBurst } = this.#rates[kind]
    if (!Number.isFinite(requestsPerSecond)) return true
    const fullMs = (requestBurst * 1000) / requestsPerSecond
    const level = this.#level(key, now)
    const needed = level + (cost * 1000) / requestsPerSecond
    // Refused requests count as well, up to twice the bucket, so that a client that does not slow down is refused for longer.
    this.#keep(key, now + Math.min(needed, 2 * fullMs), now)
    // A request that is dearer than the whole bucket passes when that is empty.
    return needed <= fullMs || level === 0
  }

  /** The address goes on asking although it was refused half as many requests as it may send at once. */
  isFlooding({ key, kind }: TrackerClient, now: number): boolean {
    const { requestsPerSecond, requestBurst } = this.#rates[kind]
    if (!Number.isFinite(requestsPerSecond)) return false
    return this.#level(key, now) >= (1.5 * requestBurst * 1000) / requestsPerSecond
  }

  /** Milliseconds until the bucket has leaked empty. */
  #level(key: string, now: number): number {
    return Math.max(0, (this.#young.get(key) ?? this.#old.get(key) ?? 0) - now)
  }

  #keep(key: string, emptyAt: number, now: number): void {
    if (now - this.#since >= this.#generationMs || this.#young.size >= MAX_ADDRESSES) {
      this.#old = this.#young
      this.#young = new Map()
      this.#since = now
    }
    this.#young.set(key, emptyAt)
  }
}
