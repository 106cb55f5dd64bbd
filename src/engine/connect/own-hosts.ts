import { BoundedMap } from '../../base/bounded-map.js'
import { scopeOf } from '../../protocol/address-scope.js'
import { hostFromBytes, type PeerAddress } from '../../protocol/peer-address.js'

/** Peers whose word counts. */
const MAX_WITNESSES = 50

/**
 * Our own addresses as peers see them (`yourip` of BEP 10): for peers of each family, and of this machine, of its network and of
 * the world by themselves, the one that most hosts name. A few that lie change nothing.
 */
export class OwnHosts {
  readonly #byKind = new Map<string, { readonly words: Map<string, string>; believed: string | undefined }>()

  /**
   * A peer says how it sees us.
   * @param seen 4 or 16 bytes
   * @returns whether another address is believed now
   */
  learn(witness: string, seen: Uint8Array): boolean {
    const host = hostFromBytes(seen)
    if (host === undefined || kindOf(host) !== kindOf(witness)) return false
    const kind = this.#byKind.get(kindOf(host)) ?? {
      words: new BoundedMap<string, string>(MAX_WITNESSES),
      believed: undefined,
    }
    this.#byKind.set(kindOf(host), kind)
    kind.words.set(witness, host)
    const before = kind.believed
    kind.believed = mostNamed(kind.words.values())
    return kind.believed !== before
  }

  /** Our address as somebody at `host` sees it; undefined while nobody has said. */
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

function mostNamed(hosts: Iterable<string>): string | undefined {
  const counts = new Map<string, number>()
  let most: string | undefined
  for (const host of hosts) {
    const count = (counts.get(host) ?? 0) + 1
    counts.set(host, count)
    if (count > (most === undefined ? 0 : (counts.get(most) ?? 0))) most = host
  }
  return most
}
