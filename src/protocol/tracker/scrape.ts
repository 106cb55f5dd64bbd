// BEP 21, 48: how many peers a swarm has, for a client that does not join it; as the tracker reads and writes it.

import { equalBytes } from '../../base/bytes.js'
import { encodeBencode } from '../bencode/encode.js'
import { infoHashOf } from './announce-request.js'
import { TrackerMessageError } from './message-error.js'
import { queryPairs } from './percent.js'

/** The figures of one swarm that a tracker has. */
export interface SwarmCounts {
  /** Seeders. */
  readonly complete: number
  /** Leechers, partial seeds among them. */
  readonly incomplete: number
  /** Leechers that still want something (BEP 21). */
  readonly downloaders: number
  /** How often the tracker heard `completed`. */
  readonly downloaded: number
}

/**
 * The info hashes that a query asks for, each once. One that asks for none (a full scrape) gives none.
 * @throws {TrackerMessageError} for more than `limit`, and for what is no info hash
 */
export function parseScrapeQuery(query: string, limit: number): Uint8Array[] {
  const infoHashes: Uint8Array[] = []
  for (const [key, value] of queryPairs(query)) {
    if (key !== 'info_hash') continue
    if (infoHashes.length === limit) {
      throw new TrackerMessageError('too-long', `more than ${limit} info hashes at once`, { key })
    }
    const infoHash = infoHashOf(value)
    if (!infoHashes.some(earlier => equalBytes(earlier, infoHash))) infoHashes.push(infoHash)
  }
  return infoHashes
}

/** Swarms that the tracker does not know are left out by the caller. */
export function encodeScrapeAnswer(
  swarms: readonly (readonly [infoHash: Uint8Array, counts: SwarmCounts])[],
): Uint8Array {
  const files = new Map(
    swarms.map(([infoHash, { complete, downloaded, downloaders, incomplete }]) => [
      infoHash,
      { complete, downloaded, downloaders, incomplete },
    ]),
  )
  return encodeBencode({ files })
}
