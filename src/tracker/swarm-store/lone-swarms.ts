import { CountRanking } from '../../base/count-ranking.js'
import type { Address } from './ledger.js'

/**
 * The swarms in which only one address has peers, by that address. They are what a flood of invented swarms is made
 * of, so they are the ones that go when a store is full: never one that two addresses share.
 */
export class LoneSwarms<Swarm> {
  readonly #byAddress = new Map<Address, Set<Swarm>>()
  readonly #ranking = new CountRanking<Address>()

  add(swarm: Swarm, address: Address): void {
    const swarms = this.#byAddress.get(address)
    if (swarms === undefined) this.#byAddress.set(address, new Set([swarm]))
    else swarms.add(swarm)
    this.#ranking.increase(address)
  }

  remove(swarm: Swarm, address: Address): void {
    const swarms = this.#byAddress.get(address)
    if (swarms?.delete(swarm) !== true) return
    if (swarms.size === 0) this.#byAddress.delete(address)
    this.#ranking.decrease(address)
  }

  /**
   * The swarm that is to go for one of `newcomer`: the oldest of the address that has the most. Undefined where none
   * has more than the newcomer would have then.
   */
  toGoFor(newcomer: Address): Swarm | undefined {
    const { first: greediest, highest } = this.#ranking
    if (greediest === undefined || highest <= this.#ranking.count(newcomer) + 1) return undefined
    for (const swarm of this.#byAddress.get(greediest) ?? []) return swarm
    return undefined
  }
}
