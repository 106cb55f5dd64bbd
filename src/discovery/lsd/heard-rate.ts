import { BoundedMap } from '../../base/bounded-map.js'

/** Announces in a row, and milliseconds for each more: of one host, on which several clients may run, and of all hosts. */
const PER_HOST = { burst: 20, intervalMs: 2_000 }
const IN_ALL = { burst: 200, intervalMs: 10 }

/** Hosts that are remembered; a local network has seldom more. */
const MAX_HOSTS = 1_000

/** Bounds how many announces of others are looked at, for each host and in all, each as a leaky bucket. */
export class HeardRate {
  /** The moments at which the buckets will have leaked empty, in milliseconds. */
  readonly #emptyAt = new BoundedMap<string, number>(MAX_HOSTS)
  #allEmptyAt = Number.NEGATIVE_INFINITY

  /** Counts an announce of a host; false where it is one too many. */
  take(host: string, now: number): boolean {
    const ofHost = Math.max(now, this.#emptyAt.get(host) ?? now) + PER_HOST.intervalMs
    const ofAll = Math.max(now, this.#allEmptyAt) + IN_ALL.intervalMs
    if (ofHost > now + PER_HOST.burst * PER_HOST.intervalMs) return false
    if (ofAll > now + IN_ALL.burst * IN_ALL.intervalMs) return false
    this.#emptyAt.set(host, ofHost)
    this.#allEmptyAt = ofAll
    return true
  }
}
