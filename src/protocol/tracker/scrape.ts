// BEP 21, 48: asking a tracker how many there are, without joining.

import { equalBytes } from '../../base/bytes.js'
import { encodeBencode } from '../bencode/encode.js'
import { infoHashOf, withQuery } from './announce-request.js'
import { counted, failureOf, scanAnswer, type TrackerFailure } from './announce-response.js'
import { TrackerMessageError } from './message-error.js'
import { percentEncode, queryPairs } from './percent.js'

/** What a tracker knows of one swarm. */
export interface SwarmCounts {
  /** Seeders. */
  readonly complete: number
  /** Leechers, partial seeds among them. */
  readonly incomplete: number
  /** Leechers that still want something (BEP 21); undefined where a tracker does not tell. */
  readonly downloaders: number | undefined
  /** How often the tracker heard `completed`. */
  readonly downloaded: number
}

interface ScrapeSuccess {
  readonly type: 'success'
  /** One for each info hash that was asked for, in that order; undefined where the tracker knows nothing of it. */
  readonly swarms: readonly (SwarmCounts | undefined)[]
}

export type ScrapeResponse = ScrapeSuccess | TrackerFailure

/**
 * The address to GET. By convention `announce` at the start of the last part of the path becomes `scrape`; undefined
 * where there is none, which says that the tracker cannot be scraped.
 */
export function scrapeUrl(tracker: string, infoHashes: readonly Uint8Array[]): string | undefined {
  const match = /^([^:/?#]+:\/\/[^/?#]+\/(?:[^?#]*\/)?)announce([^/?#]*(?:\?[^#]*)?)(?:#.*)?$/.exec(tracker)
  if (match === null) return undefined
  const [, folder = '', rest = ''] = match
  return withQuery(
    `${folder}scrape${rest}`,
    infoHashes.map(hash => `info_hash=${percentEncode(hash)}`),
  )
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

/**
 * Reads the answer to a scrape for `infoHashes`.
 * @throws {TrackerMessageError}
 */
export function decodeScrapeResponse(bytes: Uint8Array, infoHashes: readonly Uint8Array[]): ScrapeResponse {
  const root = scanAnswer(bytes)
  const failure = failureOf(root)
  if (failure !== undefined) return failure
  const entries = root.get('files')?.entries
  if (entries === undefined) {
    throw new TrackerMessageError('missing', 'files is missing', { key: 'files' })
  }
  const swarms = infoHashes.map((infoHash): SwarmCounts | undefined => {
    const swarm = entries.find(([key]) => equalBytes(key, infoHash))?.[1]
    if (swarm?.type !== 'dictionary') return undefined
    return {
      complete: counted(swarm.get('complete')) ?? 0,
      incomplete: counted(swarm.get('incomplete')) ?? 0,
      downloaders: counted(swarm.get('downloaders')),
      downloaded: counted(swarm.get('downloaded')) ?? 0,
    }
  })
  return { type: 'success', swarms }
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
