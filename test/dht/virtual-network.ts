import { createHash, createPublicKey, verify } from 'node:crypto'
import { type Random, SeededRandom } from '../../src/base/random.js'
import type { DhtOptions } from '../../src/dht/local-node.js'
import { DhtNode } from '../../src/dht/node.js'
import type { DhtWorld } from '../../src/dht/world.js'
import { formatAddress, type PeerAddress } from '../../src/protocol/peer-address.js'

export interface Datagram {
  readonly bytes: Uint8Array
  readonly from: PeerAddress
  readonly to: PeerAddress
}

/** What stands at an address: a node, or what a test puts there. */
export interface Receiver {
  received(bytes: Uint8Array, from: PeerAddress, now: number): void
  onTime?(now: number): void
  readonly nextTimeAt?: number
}

interface Travelling extends Datagram {
  readonly arrivesAt: number
}

/** Puts the DER frame of an Ed25519 key around its 32 bytes. */
const DER_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

function sha1(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha1').update(bytes).digest())
}

function worldWith(random: Random, send: DhtWorld['send']): DhtWorld {
  return {
    random,
    send,
    sha1,
    verify: (signature, message, publicKey) => {
      const key = createPublicKey({
        key: Buffer.concat([DER_PREFIX, publicKey]),
        format: 'der',
        type: 'spki',
      })
      return verify(null, message, key, signature)
    },
  }
}

/** Nodes in virtual time: datagrams take a time to arrive, and some are lost. */
export class VirtualNetwork {
  readonly random: SeededRandom
  now = 0
  /** Of all datagrams; 0 to 1. */
  loss = 0
  latencyMs: (from: PeerAddress, to: PeerAddress) => number = () => 20
  /** Every datagram that was sent, the lost ones too. */
  readonly sent: Datagram[] = []
  isRecording = true
  readonly #receivers = new Map<string, Receiver>()
  #travelling: Travelling[] = []

  constructor(seed: number) {
    this.random = new SeededRandom(seed)
  }

  add(host: string, port: number, options: Partial<DhtOptions> = {}): DhtNode {
    const address = { host, port }
    const random = new SeededRandom(this.random.below(2 ** 32))
    const family = host.includes(':') ? 'ipv6' : 'ipv4'
    const node = new DhtNode(
      worldWith(random, (bytes, to) => this.send(bytes, address, to)),
      { family, ...options },
    )
    this.place(address, node)
    return node
  }

  place(address: PeerAddress, receiver: Receiver): void {
    this.#receivers.set(formatAddress(address), receiver)
  }

  remove(address: PeerAddress): void {
    this.#receivers.delete(formatAddress(address))
  }

  send(bytes: Uint8Array, from: PeerAddress, to: PeerAddress): void {
    if (this.isRecording) this.sent.push({ bytes, from, to })
    if (this.random.below(1_000_000) < this.loss * 1_000_000) return
    const arrivesAt = this.now + this.latencyMs(from, to)
    // Sorted by arrival; of those that arrive together, in the order in which they were sent.
    let place = this.#travelling.length
    while (place > 0 && (this.#travelling[place - 1]?.arrivesAt ?? 0) > arrivesAt) place--
    this.#travelling.splice(place, 0, { bytes, from, to, arrivesAt })
  }

  /** Lets time pass until `until` is true; false where that takes longer than `ms`. */
  run(ms: number, until: () => boolean = () => false): boolean {
    const end = this.now + ms
    while (!until()) {
      const next = this.#nextTime()
      if (next > end) {
        this.now = end
        return false
      }
      this.now = Math.max(this.now, next)
      const arrived = this.#travelling[0]
      if (arrived !== undefined && arrived.arrivesAt <= this.now) {
        this.#travelling.shift()
        this.#receivers.get(formatAddress(arrived.to))?.received(arrived.bytes, arrived.from, this.now)
      } else {
        for (const receiver of this.#receivers.values()) {
          if ((receiver.nextTimeAt ?? Number.POSITIVE_INFINITY) <= this.now) receiver.onTime?.(this.now)
        }
      }
    }
    return true
  }

  #nextTime(): number {
    let next = this.#travelling[0]?.arrivesAt ?? Number.POSITIVE_INFINITY
    for (const { nextTimeAt = Number.POSITIVE_INFINITY } of this.#receivers.values())
      next = Math.min(next, nextTimeAt)
    return next
  }
}
