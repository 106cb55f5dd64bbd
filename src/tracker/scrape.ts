// BEP 48: answering a scrape.

import { encodeFailure } from '../protocol/tracker/announce-answer.js'
import { TrackerMessageError } from '../protocol/tracker/message-error.js'
import { encodeScrapeAnswer, parseScrapeQuery, type SwarmCounts } from '../protocol/tracker/scrape.js'
import type { SwarmStore } from './swarm-store/swarm-store.js'

const MAX_INFO_HASHES = 100

/**
 * Answers the query of a scrape. Swarms that nobody is in are left out. A scrape of everything is refused: it would
 * hand out all that is tracked, at any size.
 */
export function answerScrape(query: string, store: SwarmStore, now: number): Uint8Array {
  let infoHashes: Uint8Array[]
  try {
    infoHashes = parseScrapeQuery(query, MAX_INFO_HASHES)
  } catch (error) {
    if (!(error instanceof TrackerMessageError)) throw error
    return encodeFailure(error.message)
  }
  if (infoHashes.length === 0) return encodeFailure('info_hash is missing: this tracker gives no full scrape')
  const swarms: [Uint8Array, SwarmCounts][] = []
  for (const infoHash of infoHashes) {
    const counts = store.scrape(infoHash, now)
    if (counts !== undefined) swarms.push([infoHash, counts])
  }
  return encodeScrapeAnswer(swarms)
}
