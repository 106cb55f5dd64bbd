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

/** A datagram that arrives, or a receiver whose time has come. */
interface Event {
  readonly at: number
  /** Of those at the same time, the first made comes first. */
  readonly number: number
  readonly datagram: Datagram | undefined
  readonly receiver: Receiver | undefined
}

/** Puts the DER frame of an Ed25519 key around its 32 bytes. */
const DER_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')

export function sha1(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(createHash('sha1').update(bytes).digest())
}

export function worldWith(random: Random, send: DhtWorld['send']): DhtWorld {
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
  /** A binary heap. */
  readonly #events: Event[] = []
  #eventCount = 0
  /** For when a receiver is woken next. */
  readonly #wakes = new Map<Receiver, number>()

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
    const receiver = this.#receivers.get(formatAddress(address))
    if (receiver !== undefined) this.#wakes.delete(receiver)
    this.#receivers.delete(formatAddress(address))
  }

  send(bytes: Uint8Array, from: PeerAddress, to: PeerAddress): void {
    if (this.isRecording) this.sent.push({ bytes, from, to })
    if (this.random.below(1_000_000) < this.loss * 1_000_000) return
    this.#push(this.now + this.latencyMs(from, to), { bytes, from, to }, undefined)
  }

  /** Lets time pass until `until` is true; false where that takes longer than `ms`. */
  run(ms: number, until: () => boolean = () => false): boolean {
    const end = this.now + ms
    for (const receiver of this.#receivers.values()) this.#wake(receiver)
    while (!until()) {
      const next = this.#events[0]
      if (next === undefined || next.at > end) {
        this.now = end
        return false
      }
      this.#pop()
      this.now = Math.max(this.now, next.at)
      this.#happen(next)
    }
    return true
  }

  #happen({ at, datagram, receiver }: Event): void {
    if (datagram !== undefined) {
      const to = this.#receivers.get(formatAddress(datagram.to))
      to?.received(datagram.bytes, datagram.from, this.now)
      if (to !== undefined) this.#wake(to)
    } else if (receiver !== undefined && this.#wakes.get(receiver) === at) {
      this.#wakes.delete(receiver)
      receiver.onTime?.(this.now)
      this.#wake(receiver)
    }
  }

  #wake(receiver: Receiver): void {
    const at = Math.max(receiver.nextTimeAt ?? Number.POSITIVE_INFINITY, this.now)
    if (at === Number.POSITIVE_INFINITY || at >= (this.#wakes.get(receiver) ?? Number.POSITIVE_INFINITY))
      return
    this.#wakes.set(receiver, at)
    this.#push(at, undefined, receiver)
  }

  #push(at: number, datagram: Datagram | undefined, receiver: Receiver | undefined): void {
    const event = { at, number: this.#eventCount++, datagram, receiver }
    let place = this.#events.length
    while (place > 0) {
      const parent = this.#events[(place - 1) >> 1]
      if (parent === undefined || isBefore(parent, event)) break
      this.#events[place] = parent
      place = (place - 1) >> 1
    }
    this.#events[place] = event
  }

  #pop(): void {
    const last = this.#events.pop()
    if (last === undefined || this.#events.length === 0) return
    let place = 0
    for (;;) {
      let child = 2 * place + 1
      const right = this.#events[child + 1]
      const left = this.#events[child]
      if (left === undefined) break
      if (right !== undefined && isBefore(right, left)) child++
      const smaller = this.#events[child]
      if (smaller === undefined || isBefore(last, smaller)) break
      this.#events[place] = smaller
      place = child
    }
    this.#events[place] = last
  }
}

function isBefore(a: Event, b: Event): boolean {
  return a.at < b.at || (a.at === b.at && a.number < b.number)
}
