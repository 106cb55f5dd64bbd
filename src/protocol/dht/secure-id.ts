// BEP 42: node ids that are bound to the address of their node.

import { crc32c } from '../../base/crc32c.js'
import type { Random } from '../../base/random.js'
import { scopeOf } from '../address-scope.js'
import { hostToBytes } from '../peer-address.js'
import { NODE_ID_LENGTH, randomId } from './node-id.js'

const MASK_IPV4 = [0x03, 0x0f, 0x3f, 0xff]
/** Of the first 64 bits of an IPv6 address. */
const MASK_IPV6 = [0x01, 0x03, 0x07, 0x0f, 0x1f, 0x3f, 0x7f, 0xff]

/** Of the third byte of an id, the five bits that the address determines. */
const THIRD_BYTE = 0xf8

/**
 * True for an id that a node at this address may have: its first 21 bits follow from the address and the last byte. True as well
 * for any id of a node in a local network, which the rule exempts.
 * @param host as in `PeerAddress`
 */
export function isSecureId(id: Uint8Array, host: string): boolean {
  return followsFrom(id, host) || isLocal(host)
}

/** True for an address of this machine or of its network, to which no bound on networks applies and no rule on ids. */
export function isLocal(host: string): boolean {
  const scope = scopeOf(host)
  return scope === 'machine' || scope === 'network'
}

function followsFrom(id: Uint8Array, host: string): boolean {
  const address = hostToBytes(host)
  if (address === undefined) return false
  const [first = 0, second = 0, third = 0] = id
  const hash = addressHash(address, id[NODE_ID_LENGTH - 1] ?? 0)
  return (
    first === hash >>> 24 &&
    second === ((hash >>> 16) & 0xff) &&
    (third & THIRD_BYTE) === ((hash >>> 8) & THIRD_BYTE)
  )
}

/** A random id that a node at this address may have; any random id where the host is no IP address. */
export function makeSecureId(host: string, random: Random): Uint8Array {
  const id = randomId(random)
  const address = hostToBytes(host)
  if (address === undefined) return id
  const hash = addressHash(address, id[NODE_ID_LENGTH - 1] ?? 0)
  id[0] = hash >>> 24
  id[1] = (hash >>> 16) & 0xff
  id[2] = ((hash >>> 8) & THIRD_BYTE) | ((id[2] ?? 0) & ~THIRD_BYTE)
  return id
}

/** @param seed the last byte of the id, of which three bits count */
function addressHash(address: Uint8Array, seed: number): number {
  const mask = address.length === 4 ? MASK_IPV4 : MASK_IPV6
  const masked = Uint8Array.from(mask, (bits, place) => (address[place] ?? 0) & bits)
  masked[0] = (masked[0] ?? 0) | ((seed & 0x07) << 5)
  return crc32c(masked)
}
