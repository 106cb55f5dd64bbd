import type { ScrapedSwarm } from '../protocol/tracker/scrape-response.js'
import type { UdpTrackers } from './udp/udp-trackers.js'

interface ScrapeOptions {
  readonly signal: AbortSignal
  /** The local address to ask from. */
  readonly bind?: string | undefined
}

/**
 * Asks a tracker how many peers swarms have; rejects with a `TrackerError`, or with the signal's reason once that is aborted. The
 * result has one for each info hash (20 bytes) in order, undefined where the tracker knows nothing of it.
 */
export type ScrapeTransport = (
  url: string,
  infoHashes: readonly Uint8Array[],
  options: ScrapeOptions,
) => Promise<readonly (ScrapedSwarm | undefined)[]>

/** Scrapes trackers of every kind, as the scheme of their address says. */
export function scrapeTransport(udpTrackers: UdpTrackers): ScrapeTransport {
  return async (url, infoHashes, options) => {
    if (/^\s*udp:/i.test(url)) return await udpTrackers.scrape(url, infoHashes, options)
    const { scrapeOverHttp } = await import('./http-tracker.js')
    return await scrapeOverHttp(url, infoHashes, options)
  }
}
