// BEP 33: bloom filters, which count hosts over several nodes without counting one twice.

import { hostToBytes } from '../peer-address.js'

/** Bytes of a filter. */
export const FILTER_LENGTH = 256

const BITS = 8 * FILTER_LENGTH
/** Bits that each host sets. */
const HASHES = 2

/** A set of hosts. Only IP addresses may be added, without ports. */
export class BloomFilter {
  readonly bytes: Uint8Array
  readonly #sha1: (bytes: Uint8Array) => Uint8Array

  /** @param bytes of a filter, which is changed; none for an empty one */
  constructor(sha1: (bytes: Uint8Array) => Uint8Array, bytes = new Uint8Array(FILTER_LENGTH)) {
    this.#sha1 = sha1
    this.bytes = bytes
  }

  /** @param host as in `PeerAddress` */
  add(host: string): void {
    for (const bit of this.#bitsOf(host))
      this.bytes[bit >> 3] = (this.bytes[bit >> 3] ?? 0) | (1 << (bit & 7))
  }

  /** True for every host that was added, and for some that were not. */
  has(host: string): boolean {
    const bits = this.#bitsOf(host)
    return bits.length > 0 && bits.every(bit => ((this.bytes[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0)
  }

  /** Adds all hosts of another filter. */
  addAll(other: Uint8Array): void {
    for (let i = 0; i < FILTER_LENGTH; i++) this.bytes[i] = (this.bytes[i] ?? 0) | (other[i] ?? 0)
  }

  /** About how many hosts were added; of no use above some 6,000. */
  estimate(): number {
    let zeros = 0
    for (const byte of this.bytes) for (let bit = 0; bit < 8; bit++) zeros += ((byte >> bit) & 1) ^ 1
    const counted = Math.min(BITS - 1, Math.max(1, zeros))
    return zeros === BITS ? 0 : Math.log(counted / BITS) / (HASHES * Math.log(1 - 1 / BITS))
  }

  #bitsOf(host: string): number[] {
    const address = hostToBytes(host)
    if (address === undefined) return []
    const [a = 0, b = 0, c = 0, d = 0] = this.#sha1(address)
    return [(a | (b << 8)) % BITS, (c | (d << 8)) % BITS]
  }
}
