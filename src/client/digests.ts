import { createHash, hash } from 'node:crypto'
import type { Digests } from '../protocol/digests.js'

/** The platform's digest functions. */
export const nodeDigests: Digests = {
  sha1: bytes => hash('sha1', bytes, 'buffer'),
  sha256: bytes => hash('sha256', bytes, 'buffer'),
  hasher: name => {
    const hasher = createHash(name)
    return { update: bytes => hasher.update(bytes), digest: () => hasher.digest() }
  },
}
