import { scopeOf } from '../../protocol/address-scope.js'
import { isLocal } from '../../protocol/dht/secure-id.js'
import { hostGroup } from '../../protocol/host-group.js'
import type { DhtLimits } from '../limits.js'

/**
 * Bounds the queries that are answered in a second, of one host and of all together, each with a burst. A leaky bucket (the generic
 * cell rate algorithm): all that is kept of a host is the time at which its bucket will have leaked empty. Hosts are in two generations,
 * of which the older is dropped whole.
 */
export class QueryRate {
  readonly #limits: DhtLimits
  #young = new Map<string, number>()
  #old = new Map<string, number>()
  #youngSince = Number.NEGATIVE_INFINITY
  #allEmptyAt = 0

  constructor(limits: DhtLimits) {
    this.#limits = limits
  }

  /** Counts a query. False where it is one too many. */
  take(host: string, now: number): boolean {
    const { queriesPerSecond, queryBurst } = this.#limits
    const emptyAt = Math.max(this.#allEmptyAt, now) + 1_000 / queriesPerSecond
    if (emptyAt - now > (queryBurst * 1_000) / queriesPerSecond) return false
    // Programs of this machine share its address.
    if (scopeOf(host) !== 'machine' && !this.#takeOfHost(host, now)) return false
    this.#allEmptyAt = emptyAt
    return true
  }

  #takeOfHost(host: string, now: number): boolean {
    const { hostQueriesPerSecond, hostQueryBurst } = this.#limits
    const key = isLocal(host) ? host : hostGroup(host)
    const emptyAt =
      Math.max(this.#young.get(key) ?? this.#old.get(key) ?? 0, now) + 1_000 / hostQueriesPerSecond
    const fullMs = (hostQueryBurst * 1_000) / hostQueriesPerSecond
    if (emptyAt - now > fullMs) return false
    if (now - this.#youngSince > fullMs || this.#young.size >= this.#limits.rateHosts) {
      this.#old = this.#young
      this.#young = new Map()
      this.#youngSince = now
    }
    this.#young.set(key, emptyAt)
    return true
  }
}
