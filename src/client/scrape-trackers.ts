import { Gate } from '../base/gate.js'
import { type ScrapeTransport, scrapeTransport } from '../discovery/scrape-transport.js'
import { TrackerError } from '../discovery/tracker-error.js'
import { UdpTrackers } from '../discovery/udp/udp-trackers.js'
import type { ScrapedSwarm } from '../protocol/tracker/scrape-response.js'
import { UdpPort } from './net/udp/udp-port.js'

/** The result of asking one tracker. */
export type TrackerScrape =
  /** One for each info hash in order; undefined where the tracker knows nothing of it. */
  | {
      readonly type: 'answered'
      readonly url: string
      readonly swarms: readonly (ScrapedSwarm | undefined)[]
    }
  | { readonly type: 'failed'; readonly url: string; readonly error: TrackerError }

export interface ScrapeTrackersOptions {
  /** The local address to ask from. */
  readonly bind?: string | undefined
  /** Milliseconds for each tracker. Default: 15,000. */
  readonly timeoutMs?: number
}

const TIMEOUT_MS = 15_000

/** Trackers asked at a time. */
const AT_ONCE = 16

/**
 * Asks trackers how many peers the swarms of a torrent have, over HTTP and UDP (BEP 48, 15), several at once.
 * @param infoHashes 20 bytes each
 * @returns one for each tracker, in order
 */
export async function scrapeTrackers(
  urls: readonly string[],
  infoHashes: readonly Uint8Array[],
  { bind, timeoutMs = TIMEOUT_MS }: ScrapeTrackersOptions = {},
): Promise<readonly TrackerScrape[]> {
  await using port = new UdpPort({ port: 0, bind })
  using udpTrackers = new UdpTrackers(received => port.use('tracker', { received }))
  const scrape = scrapeTransport(udpTrackers)
  const gate = new Gate(AT_ONCE)
  const ask = (url: string) => gate.run(() => scrapeOne(scrape, url, infoHashes, { bind, timeoutMs }))
  return await Promise.all(urls.map(ask))
}

async function scrapeOne(
  scrape: ScrapeTransport,
  url: string,
  infoHashes: readonly Uint8Array[],
  { bind, timeoutMs }: { bind: string | undefined; timeoutMs: number },
): Promise<TrackerScrape> {
  const controller = new AbortController()
  const late = new TrackerError('timeout', { url, reason: 'it does not answer' })
  const timer = setTimeout(() => controller.abort(late), timeoutMs)
  try {
    return {
      type: 'answered',
      url,
      swarms: await scrape(url, infoHashes, { bind, signal: controller.signal }),
    }
  } catch (error) {
    if (!(error instanceof TrackerError)) throw error
    return { type: 'failed', url, error }
  } finally {
    clearTimeout(timer)
  }
}
