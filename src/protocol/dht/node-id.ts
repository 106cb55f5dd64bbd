// BEP 5: node ids, and the distance between them.

import type { Random } from '../../base/random.js'

/** Bytes of a node id, and of what is looked up: an info hash, or the target of an item. */
export const NODE_ID_LENGTH = 20

/** Bits of a node id. */
export const NODE_ID_BITS = 8 * NODE_ID_LENGTH

/**
 * Which of two ids is closer to a target by the XOR metric: negative for `a`, positive for `b`, 0 where they are the same, as for
 * `Array.prototype.sort`.
 */
export function compareDistance(a: Uint8Array, b: Uint8Array, target: Uint8Array): number {
  for (let i = 0; i < NODE_ID_LENGTH; i++) {
    const byteA = a[i] ?? 0
    const byteB = b[i] ?? 0
    if (byteA !== byteB) {
      const byte = target[i] ?? 0
      return (byteA ^ byte) - (byteB ^ byte)
    }
  }
  return 0
}

/** The number of leading bits in which two ids agree: 0 to 160. */
export function commonBits(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < NODE_ID_LENGTH; i++) {
    const difference = (a[i] ?? 0) ^ (b[i] ?? 0)
    if (difference !== 0) return 8 * i + Math.clz32(difference) - 24
  }
  return NODE_ID_BITS
}

/** An id that any node may have. */
export function randomId(random: Random): Uint8Array {
  return Uint8Array.from({ length: NODE_ID_LENGTH }, () => random.below(256))
}

/** A random id that agrees with `id` in the first `bits` bits and differs in the next; with 160, `id` itself. */
export function randomIdBeside(id: Uint8Array, bits: number, random: Random): Uint8Array {
  const made = randomId(random)
  for (let bit = 0; bit <= bits && bit < NODE_ID_BITS; bit++) {
    const byte = bit >> 3
    const mask = 0x80 >> (bit & 7)
    const own = (id[byte] ?? 0) & mask
    const wanted = bit === bits ? own ^ mask : own
    made[byte] = ((made[byte] ?? 0) & ~mask) | wanted
  }
  return made
}
