// BEP 48: asking a tracker how many peers a swarm has, without joining it, over HTTP.

import { equalBytes } from '../../base/bytes.js'
import { withQuery } from './announce-request.js'
import { counted, failureOf, scanAnswer, type TrackerFailure } from './announce-response.js'
import { TrackerMessageError } from './message-error.js'
import { percentEncode } from './percent.js'

/** The figures of one swarm that a tracker gives; undefined where it gives none. */
export interface ScrapedSwarm {
  readonly seeders: number | undefined
  readonly leechers: number | undefined
  /** Downloads that were completed. */
  readonly downloads: number | undefined
}

interface ScrapeSuccess {
  readonly type: 'success'
  /** One for each info hash that was asked for, in that order; undefined where the tracker knows nothing of it. */
  readonly swarms: readonly (ScrapedSwarm | undefined)[]
}

export type ScrapeResponse = ScrapeSuccess | TrackerFailure

const SCRAPABLE = /^([^:/?#]+:\/\/[^/?#]+\/(?:[^?#]*\/)?)announce([^/?#]*(?:\?[^#]*)?)(?:#.*)?$/

/**
 * The address to GET. By convention `announce` at the start of the last part of the path becomes `scrape`; undefined
 * where there is none, which says that the tracker cannot be scraped.
 */
export function scrapeUrl(tracker: string, infoHashes: readonly Uint8Array[]): string | undefined {
  const match = SCRAPABLE.exec(tracker)
  if (match === null) return undefined
  const [, folder = '', rest = ''] = match
  const query = infoHashes.map(hash => `info_hash=${percentEncode(hash)}`)
  return withQuery(`${folder}scrape${rest}`, query)
}

/**
 * Reads the answer to a scrape for `infoHashes`, of 20 bytes each.
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
  const swarms = infoHashes.map((infoHash): ScrapedSwarm | undefined => {
    const swarm = entries.find(([key]) => equalBytes(key, infoHash))?.[1]
    if (swarm?.type !== 'dictionary') return undefined
    return {
      seeders: counted(swarm.get('complete')),
      leechers: counted(swarm.get('incomplete')),
      downloads: counted(swarm.get('downloaded')),
    }
  })
  return { type: 'success', swarms }
}
