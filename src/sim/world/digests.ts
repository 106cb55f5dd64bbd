import { concatBytes } from '../../base/bytes.js'
import { SeededRandom } from '../../base/random.js'
import type { Digests } from '../../protocol/digests.js'

/** Numbers in place of digests, which follow from the bytes: no content is hashed here, only what has to look random. */
export const simDigests: Digests = {
  sha1: bytes => mixed(bytes, 20),
  sha256: bytes => mixed(bytes, 32),
  hasher: name => {
    const parts: Uint8Array[] = []
    return { update: bytes => parts.push(bytes), digest: () => simDigests[name](concatBytes(parts)) }
  },
}

function mixed(bytes: Uint8Array, length: number): Uint8Array {
  // FNV-1a.
  let seed = 0x811c9dc5
  for (const byte of bytes) seed = Math.imul(seed ^ byte, 0x01000193)
  const random = new SeededRandom(seed)
  return Uint8Array.from({ length }, () => random.below(256))
}
