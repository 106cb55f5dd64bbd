// BEP 6: the set of pieces that a peer may ask for while it is choked.

import type { Digests } from '../digests.js'

/** The size of the set. Peers that have more pieces than this get none. */
export const ALLOWED_FAST_COUNT = 10

/**
 * The pieces that a peer of this IPv4 address is allowed, by BEP 6's canonical algorithm: from its network (the
 * first three bytes), so that several addresses are no advantage. Empty for IPv6, which BEP 6 does not cover.
 * @param ip dotted IPv4
 */
export function allowedFastSet(
  ip: string,
  infoHash: Uint8Array,
  pieceCount: number,
  digests: Digests,
): number[] {
  const parts = ip.split('.').map(Number)
  if (parts.length !== 4 || pieceCount === 0) return []
  const wanted = Math.min(ALLOWED_FAST_COUNT, pieceCount)
  const pieces = new Set<number>()
  let seed = new Uint8Array(24)
  seed.set([...parts.slice(0, 3), 0])
  seed.set(infoHash, 4)
  while (pieces.size < wanted) {
    seed = new Uint8Array(digests.sha1(seed))
    const view = new DataView(seed.buffer)
    for (let at = 0; at < 20 && pieces.size < wanted; at += 4) pieces.add(view.getUint32(at) % pieceCount)
  }
  return [...pieces]
}
