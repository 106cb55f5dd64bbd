import { BoundedMap } from '../../base/bounded-map.js'
import { formatAddress, type PeerAddress } from '../../protocol/peer-address.js'
import type { Way, Ways } from './ways.js'

/** Addresses kept. */
const MAX_ADDRESSES = 2_000

/** The way that worked for each address where it was not the first of all, so that those before it are not tried each time. */
export class KnownWays {
  readonly #all: Ways
  readonly #byAddress = new BoundedMap<string, Way>(MAX_ADDRESSES)

  /** @param all in the order in which they are tried */
  constructor(all: Ways) {
    this.#all = all
  }

  /** All ways to an address: that which worked, then the others over its transport, then those over other transports. */
  to(address: PeerAddress): Ways {
    const known = this.#byAddress.get(formatAddress(address))
    if (known === undefined) return this.#all
    const isOfKnown = (way: Way) => way.transport === known.transport
    const siblings = this.#all.filter(way => way !== known && isOfKnown(way))
    return [known, ...siblings, ...this.#all.filter(way => !isOfKnown(way))]
  }

  /** A peer answered. */
  worked(address: PeerAddress, way: Way): void {
    const key = formatAddress(address)
    this.#byAddress.delete(key)
    if (way === this.#all[0]) return
    this.#byAddress.set(key, way)
  }

  /** A connection came about, and the peer did not answer: another client may be there by now. */
  refused(address: PeerAddress, way: Way): void {
    const key = formatAddress(address)
    if (this.#byAddress.get(key) === way) this.#byAddress.delete(key)
  }
}
