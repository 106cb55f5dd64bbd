import { hostGroup } from '../../protocol/host-group.js'
import type { PeerAddress } from '../../protocol/peer-address.js'

/** Accepted connections of which no handshake has come: each costs a socket and some KiB. */
const MAX_NEWCOMERS = 128

/** Of them those of one address: many people may share one, but hardly connect within the same few seconds. */
const MAX_OF_ONE_GROUP = 32

interface Newcomer {
  readonly remote: PeerAddress
  end(reason: string): void
}

/**
 * Accepted connections whose peers have not sent their handshake yet. There is always room for one more: the one that has been
 * silent longest is closed, of the same address if that has too many, else of the address that has most.
 */
export class Newcomers<Connection extends Newcomer> {
  /** By address or network, in the order in which they came. */
  readonly #groups = new Map<string, Set<Connection>>()
  #size = 0

  get size(): number {
    return this.#size
  }

  add(connection: Connection): void {
    const key = hostGroup(connection.remote.host)
    const group = this.#groups.get(key) ?? new Set<Connection>()
    this.#groups.set(key, group)
    group.add(connection)
    this.#size++
    if (group.size > MAX_OF_ONE_GROUP) endOldest(group)
    else if (this.#size > MAX_NEWCOMERS) endOldest(this.#largestGroup() ?? group)
  }

  /** Its handshake has come, or it has ended. */
  delete(connection: Connection): void {
    const key = hostGroup(connection.remote.host)
    const group = this.#groups.get(key)
    if (group === undefined || !group.delete(connection)) return
    this.#size--
    if (group.size === 0) this.#groups.delete(key)
  }

  /** Of those that are alike the one that came first. */
  #largestGroup(): Set<Connection> | undefined {
    let largest: Set<Connection> | undefined
    for (const group of this.#groups.values()) {
      if (group.size > (largest?.size ?? 0)) largest = group
    }
    return largest
  }
}

/** Ends the oldest connection, which then removes itself. */
function endOldest(group: ReadonlySet<Newcomer>): void {
  const [oldest] = group
  oldest?.end('silent while others wait')
}
