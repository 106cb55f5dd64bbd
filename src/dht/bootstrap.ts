// BEP 5: how a node finds the first nodes, and those that are closest to itself.

import { formatAddress, type PeerAddress } from '../protocol/peer-address.js'
import { K } from './limits.js'
import type { LocalNode } from './local-node.js'
import type { Lookups } from './lookup/lookups.js'
import { FindNodesTask } from './lookup/tasks.js'
import type { Pings } from './pings.js'
import type { DhtPhase } from './status.js'

/**
 * Saved nodes and the addresses to begin with are asked for the nodes closest to us, all at once. When some have answered, we are
 * looked up ourselves, and then a random id of each bucket that has room.
 */
export class Bootstrap {
  readonly #local: LocalNode
  readonly #pings: Pings
  readonly #lookups: Lookups
  readonly #saved: PeerAddress[]
  /** The last ones given, by their text. */
  readonly #entrances = new Map<string, PeerAddress>()
  #phase: DhtPhase = 'idle'
  #isLookingUp = false
  #retryAt = Number.POSITIVE_INFINITY
  #retryMs: number

  /** @param saved nodes of the last session */
  constructor(local: LocalNode, pings: Pings, lookups: Lookups, saved: readonly PeerAddress[]) {
    this.#local = local
    this.#pings = pings
    this.#lookups = lookups
    this.#saved = saved.slice(0, local.limits.waitingPings)
    this.#retryMs = local.limits.firstBootstrapMs
    if (saved.length > 0) this.#retryAt = Number.NEGATIVE_INFINITY
  }

  get phase(): DhtPhase {
    return this.#phase
  }

  get nextTimeAt(): number {
    return this.#retryAt
  }

  /** Addresses to begin with. */
  get entrances(): readonly PeerAddress[] {
    return [...this.#entrances.values()]
  }

  /** Adds addresses to begin with, and asks them. */
  start(addresses: readonly PeerAddress[], now: number): void {
    for (const address of addresses) {
      const key = formatAddress(address)
      this.#entrances.delete(key)
      this.#entrances.set(key, address)
    }
    for (const key of this.#entrances.keys()) {
      if (this.#entrances.size <= this.#local.limits.entrances) break
      this.#entrances.delete(key)
    }
    this.#ask(addresses, now)
  }

  onTime(now: number): void {
    if (now < this.#retryAt) return
    this.#retryAt = Number.POSITIVE_INFINITY
    this.#ask([...this.#saved, ...this.#entrances.values()], now)
  }

  /** A node has answered. */
  nodeAnswered(now: number): void {
    if (this.#phase === 'ready' || this.#isLookingUp) return
    this.#phase = 'bootstrapping'
    if (this.#pings.isIdle || this.#local.table.closest(this.#local.id, K, now).length === K)
      this.#lookUp(now)
  }

  /** Nothing is being pinged any more. */
  pingsEnded(now: number): void {
    if (this.#phase !== 'bootstrapping' || this.#isLookingUp) return
    if (this.#local.table.closest(this.#local.id, 1, now).length > 0) this.#lookUp(now)
    else this.#fail(now)
  }

  /** Our id has changed, or all nodes are gone. */
  again(now: number): void {
    if (this.#phase === 'bootstrapping') return
    this.#retryMs = this.#local.limits.firstBootstrapMs
    if (this.#local.table.closest(this.#local.id, 1, now).length > 0) this.#lookUp(now)
    else this.#ask(this.entrances, now)
  }

  #ask(addresses: readonly PeerAddress[], now: number): void {
    if (addresses.length === 0) return
    if (this.#phase !== 'ready') this.#phase = 'bootstrapping'
    const { id, families } = this.#local
    for (const address of addresses) {
      this.#pings.add(address, { type: 'find_node', target: id, want: families }, now)
    }
  }

  #lookUp(now: number): void {
    this.#isLookingUp = true
    if (this.#phase !== 'ready') this.#phase = 'bootstrapping'
    const { id, families } = this.#local
    const task = new FindNodesTask(id, families, ({ answers }, when) => {
      this.#isLookingUp = false
      if (answers === 0) this.#fail(when)
      else this.#succeed(when)
    })
    this.#lookups.begin(task, now)
  }

  #succeed(now: number): void {
    this.#phase = 'ready'
    this.#retryAt = Number.POSITIVE_INFINITY
    this.#retryMs = this.#local.limits.firstBootstrapMs
    this.#fill(now)
    this.#lookups.goOn(now)
  }

  /** Looks up a random id of each bucket that has room. */
  #fill(now: number): void {
    const { table, world } = this.#local
    for (const target of table.targetsToFill(world.random)) {
      this.#lookups.begin(new FindNodesTask(target, [], () => undefined), now)
    }
  }

  #fail(now: number): void {
    this.#phase = 'failed'
    this.#retryAt = now + this.#retryMs
    this.#retryMs = Math.min(2 * this.#retryMs, this.#local.limits.mostBootstrapMs)
    this.#lookups.goOn(now)
  }
}
