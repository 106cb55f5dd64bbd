import { SeededRandom } from '../../base/random.js'
import { DhtNode } from '../../dht/node.js'
import type { DhtWorld } from '../../dht/world.js'
import { makeSecureId } from '../../protocol/dht/secure-id.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import type { SimEvent } from '../time/event-queue.js'
import { simDigests } from '../world/digests.js'
import type { DatagramReceiver, DhtNetwork } from './dht-network.js'

/** A machine with a node of the DHT, that of the real client: its address, its clock, and the datagrams that it sends. */
export class DhtHost implements DhtWorld, DatagramReceiver, SimEvent {
  readonly id: number
  readonly address: PeerAddress
  readonly latencyMs: number
  readonly random: SeededRandom
  readonly node: DhtNode
  isPresent = true
  protected readonly network: DhtNetwork
  /** The earliest time for which this host is planned. */
  #wakeAt = Number.POSITIVE_INFINITY

  constructor(id: number, address: PeerAddress, latencyMs: number, seed: number, network: DhtNetwork) {
    this.id = id
    this.address = address
    this.latencyMs = latencyMs
    this.network = network
    this.random = new SeededRandom(seed)
    // As a node that was there before: it knows its address, so that its id is valid for it (BEP 42).
    const saved = { id: makeSecureId(address.host, this.random), nodes: [] }
    this.node = new DhtNode(this, { family: 'ipv4', saved })
    network.place(address, this)
  }

  /** Joins by these nodes. */
  join(entrances: readonly PeerAddress[]): void {
    this.node.bootstrap(entrances, this.network.queue.now)
    this.wake()
  }

  leave(): void {
    this.isPresent = false
    this.network.remove(this.address)
  }

  // What the node asks of its world.

  send(datagram: Uint8Array, to: PeerAddress): void {
    if (this.isPresent) this.network.send(datagram, this.address, this.latencyMs, to)
  }

  sha1(bytes: Uint8Array): Uint8Array {
    return simDigests.sha1(bytes)
  }

  /** No items are stored here. */
  verify(): boolean {
    return false
  }

  // What happens to the host.

  received(datagram: Uint8Array, from: PeerAddress): void {
    if (!this.isPresent) return
    this.node.received(datagram, from, this.network.queue.now)
    this.wake()
  }

  /** The time has come for which it was planned; a plan that an earlier one replaced is of no effect. */
  run(): void {
    const { now } = this.network.queue
    if (!this.isPresent || now < this.#wakeAt) return
    this.#wakeAt = Number.POSITIVE_INFINITY
    this.node.onTime(now)
    this.wake()
  }

  /** To be called after each call of the node, which may have changed when it is to be called next. */
  wake(): void {
    const { queue } = this.network
    const at = Math.max(this.node.nextTimeAt, queue.now)
    if (at >= this.#wakeAt) return
    this.#wakeAt = at
    queue.plan(at, this)
  }
}
