// BEP 40: canonical peer priority, which both ends of a connection compute alike.

import { compareBytes, concatBytes } from '../base/bytes.js'
import { crc32c } from '../base/crc32c.js'
import { hostToBytes, type PeerAddress } from './peer-address.js'

/** Leading bytes of an address that always count whole, by its length. */
const PREFIX_BYTES: Readonly<Record<number, number>> = { 4: 2, 16: 6 }

/** The bits that are kept of each byte after the prefix. */
const MASK = 0x55

/**
 * The priority of a connection between two addresses, 0 to 2^32 − 1, the highest first. Both ends compute the same number, and
 * neither can choose it without choosing its address. Ports count only between two peers of one host.
 * @returns undefined for addresses of different families, and for text that is not an address
 */
export function peerPriority(a: PeerAddress, b: PeerAddress): number | undefined {
  const hostA = hostToBytes(a.host)
  const hostB = hostToBytes(b.host)
  if (hostA === undefined || hostB === undefined || hostA.length !== hostB.length) return undefined
  const common = commonPrefix(hostA, hostB)
  if (common === hostA.length) return hashInOrder(portBytes(a.port), portBytes(b.port))
  // One byte more than they have in common, so that peers of one network differ.
  const whole = Math.max(PREFIX_BYTES[hostA.length] ?? 0, common + 1)
  return hashInOrder(masked(hostA, whole), masked(hostB, whole))
}

function commonPrefix(a: Uint8Array, b: Uint8Array): number {
  let length = 0
  while (length < a.length && a[length] === b[length]) length++
  return length
}

function masked(host: Uint8Array, whole: number): Uint8Array {
  return host.map((byte, at) => (at < whole ? byte : byte & MASK))
}

function portBytes(port: number): Uint8Array {
  return Uint8Array.of(port >>> 8, port & 0xff)
}

function hashInOrder(a: Uint8Array, b: Uint8Array): number {
  return crc32c(concatBytes(compareBytes(a, b) <= 0 ? [a, b] : [b, a]))
}
