import { BoundedMap } from '../../base/bounded-map.js'
import { scopeOf } from '../../protocol/address-scope.js'
import { hostFromBytes, type PeerAddress } from '../../protocol/peer-address.js'

/** Peers whose votes count: the last 50. */
const MAX_VOTERS = 50

/**
 * Our own addresses as peers see them (`yourip` of BEP 10), separately for peers of each family, and of this machine, its network
 * and the internet: the one that most hosts vote for. A few that lie change nothing.
 */
export class OwnHosts {
  readonly #byKind = new Map<string, { readonly votes: Map<string, string>; believed: string | undefined }>()

  /**
   * A peer says from which address it sees us.
   * @param seen 4 or 16 bytes
   * @returns whether another address is believed now
   */
  learn(voter: string, seen: Uint8Array): boolean {
    const host = hostFromBytes(seen)
    if (host === undefined || kindOf(host) !== kindOf(voter)) return false
    const kind = this.#byKind.get(kindOf(host)) ?? {
      votes: new BoundedMap<string, string>(MAX_VOTERS),
      believed: undefined,
    }
    this.#byKind.set(kindOf(host), kind)
    kind.votes.set(voter, host)
    const before = kind.believed
    kind.believed = mostVoted(kind.votes.values())
    return kind.believed !== before
  }

  /** Our address as a peer at `host` sees it; undefined while no such peer has said. */
  seenFrom(host: string): string | undefined {
    return this.#byKind.get(kindOf(host))?.believed
  }

  includes({ host }: PeerAddress): boolean {
    return this.seenFrom(host) === host
  }
}

function kindOf(host: string): string {
  return `${host.includes(':') ? 'ipv6' : 'ipv4'} ${scopeOf(host)}`
}

function mostVoted(hosts: Iterable<string>): string | undefined {
  const counts = new Map<string, number>()
  let most: string | undefined
  for (const host of hosts) {
    const count = (counts.get(host) ?? 0) + 1
    counts.set(host, count)
    if (count > (most === undefined ? 0 : (counts.get(most) ?? 0))) most = host
  }
  return most
}
