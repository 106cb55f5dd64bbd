import type { NodeInfo } from '../protocol/dht/compact-nodes.js'
import { randomId } from '../protocol/dht/node-id.js'
import type { AddressFamily, PeerAddress } from '../protocol/peer-address.js'
import { Counters } from './counters.js'
import { DHT_LIMITS, type DhtLimits } from './limits.js'
import type { DropReason, SavedDht } from './status.js'
import { RoutingTable } from './table/routing-table.js'
import type { DhtWorld } from './world.js'

export interface DhtOptions {
  readonly family: AddressFamily
  /** Of the last session: its id is kept, and its nodes are asked first. */
  readonly saved?: SavedDht | undefined
  /** BEP 43: answers no queries, and says so. */
  readonly isReadOnly?: boolean | undefined
  /** Client and version for other nodes (BEP 20), four bytes. */
  readonly version?: Uint8Array | undefined
  readonly limits?: Partial<DhtLimits> | undefined
}

/** The node of the other family, beside this one (BEP 32). */
export interface SiblingNode {
  /** Compact nodes of its table. */
  closestNodes(target: Uint8Array, now: number): readonly Uint8Array[]
  /** Nodes of its family that an answer to this one named. */
  nodesNamed(nodes: readonly NodeInfo[], now: number): void
}

/** The parts that all of a node shares: its identity, its table, its counters. */
export class LocalNode {
  readonly world: DhtWorld
  readonly family: AddressFamily
  readonly limits: DhtLimits
  readonly isReadOnly: boolean
  readonly version: Uint8Array | undefined
  readonly table: RoutingTable
  readonly counters = new Counters()
  sibling: SiblingNode | undefined
  #id: Uint8Array

  constructor(world: DhtWorld, options: DhtOptions) {
    this.world = world
    this.family = options.family
    this.limits = { ...DHT_LIMITS, ...options.limits }
    this.isReadOnly = options.isReadOnly ?? false
    this.version = options.version
    this.#id = options.saved?.id ?? randomId(world.random)
    this.table = new RoutingTable(this.#id, this.limits)
  }

  get id(): Uint8Array {
    return this.#id
  }

  /** The families whose nodes are of use. */
  get families(): readonly AddressFamily[] {
    return this.sibling === undefined ? [this.family] : ['ipv4', 'ipv6']
  }

  moveTo(id: Uint8Array, now: number): void {
    this.#id = id
    this.table.moveTo(id, now)
  }

  isOfFamily(host: string): boolean {
    return host.includes(':') === (this.family === 'ipv6')
  }

  send(datagram: Uint8Array, to: PeerAddress): void {
    this.counters.sentBytes += datagram.length
    this.world.send(datagram, to)
  }

  drop(reason: DropReason): void {
    this.counters.dropped[reason]++
  }
}
