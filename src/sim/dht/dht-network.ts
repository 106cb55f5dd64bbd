import type { SeededRandom } from '../../base/random.js'
import { formatAddress, type PeerAddress } from '../../protocol/peer-address.js'
import type { EventQueue } from '../time/event-queue.js'

/** What takes the datagrams for an address. */
export interface DatagramReceiver {
  /** Its part of the latency, one way. */
  readonly latencyMs: number
  received(datagram: Uint8Array, from: PeerAddress): void
}

const LOSS_STEPS = 1_000_000

/** Carries datagrams: each takes the latency of both hosts, and some are lost. */
export class DhtNetwork {
  readonly queue: EventQueue
  sent = 0
  lost = 0
  readonly #random: SeededRandom
  readonly #loss: number
  readonly #receivers = new Map<string, DatagramReceiver>()

  /** @param loss part of the datagrams that are lost */
  constructor(queue: EventQueue, random: SeededRandom, loss: number) {
    this.queue = queue
    this.#random = random
    this.#loss = loss
  }

  place(address: PeerAddress, receiver: DatagramReceiver): void {
    this.#receivers.set(formatAddress(address), receiver)
  }

  remove(address: PeerAddress): void {
    this.#receivers.delete(formatAddress(address))
  }

  send(datagram: Uint8Array, from: PeerAddress, latencyMs: number, to: PeerAddress): void {
    this.sent++
    if (this.#random.below(LOSS_STEPS) < this.#loss * LOSS_STEPS) {
      this.lost++
      return
    }
    const receiver = this.#receivers.get(formatAddress(to))
    if (receiver === undefined) return
    this.queue.plan(this.queue.now + latencyMs + receiver.latencyMs, {
      run: () => receiver.received(datagram, from),
    })
  }
}
