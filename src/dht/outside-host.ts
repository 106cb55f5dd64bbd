// BEP 42: our address as other nodes see it.

import { BoundedMap } from '../base/bounded-map.js'
import { isLocal } from '../protocol/dht/secure-id.js'
import { hostFromBytes } from '../protocol/peer-address.js'
import { networkKey } from './table/host-keys.js'

/** The votes that count, the last ones: each network has one. */
const VOTES = 32
/** The fewest that decide, and the part of all of them that has to agree. */
const LEAST_VOTES = 8
const MAJORITY = 2 / 3

/** Nodes tell us the address that our queries come from; any one of them may be wrong, or lie, so that many have to agree. */
export class OutsideHost {
  readonly #votes = new BoundedMap<string, string>(VOTES)
  #agreed: string | undefined

  /** The address on which the others agree. */
  get agreed(): string | undefined {
    return this.#agreed
  }

  /**
   * Counts what one node says.
   * @param bytes our address, 4 or 16 bytes
   * @param voter host of the node
   * @returns true where another address is agreed on than before
   */
  vote(bytes: Uint8Array, voter: string): boolean {
    const host = hostFromBytes(bytes)
    const network = networkKey(voter)
    // In a local network, there is no other address, and ids are not bound to any.
    if (host === undefined || network === undefined || isLocal(host)) return false
    this.#votes.set(network, host)
    if (host === this.#agreed || this.#votes.size < LEAST_VOTES) return false
    let agreeing = 0
    for (const vote of this.#votes.values()) if (vote === host) agreeing++
    if (agreeing < MAJORITY * this.#votes.size) return false
    this.#agreed = host
    return true
  }
}
