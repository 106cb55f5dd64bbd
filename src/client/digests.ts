import { createHash } from 'node:crypto'
import type { Digests } from '../protocol/digests.js'

/** The platform's digest functions. */
export const nodeDigests: Digests = {
  sha1: bytes => createHash('sha1').update(bytes).digest(),
  sha256: bytes => createHash('sha256').update(bytes).digest(),
}
