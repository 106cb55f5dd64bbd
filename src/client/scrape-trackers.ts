import { Gate } from '../base/gate.js'
import { type ScrapeTransport, scrapeTransport } from '../discovery/scrape-transport.js'
import { TrackerError } from '../discovery/tracker-error.js'
import { systemPortProbe } from '../discovery/udp/port-probe.js'
import { UdpTrackers } from '../discovery/udp/udp-trackers.js'
import type { ScrapedSwarm } from '../protocol/tracker/scrape-response.js'
import { UdpPort } from './net/udp/udp-port.js'
import { closeUdpSockets, openUdpSockets } from './net/udp/udp-sockets.js'

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
  /** Called once with the trackers that have not answered after 3 s, if there are any. */
  readonly onSilence?: (urls: readonly string[]) => void
}

const TIMEOUT_MS = 15_000

/** Milliseconds after which people want to know what is waited for. */
const SILENCE_MS = 3_000

/** Trackers asked at a time. */
const AT_ONCE = 16

/**
 * Asks trackers how many peers the swarms of a torrent have, over HTTP and UDP (BEP 48, 15), several at once.
 * @param infoHashes 20 bytes each
 * @returns one for each tracker, in order
 * @throws {import('../base/listen.js').ListenError} where `bind` is no address of this machine
 */
export async function scrapeTrackers(
  urls: readonly string[],
  infoHashes: readonly Uint8Array[],
  { bind, timeoutMs = TIMEOUT_MS, onSilence }: ScrapeTrackersOptions = {},
): Promise<readonly TrackerScrape[]> {
  // An address that is not this machine's is no tracker's fault.
  if (bind !== undefined) await closeUdpSockets(await openUdpSockets({ port: 0, bind }))
  await using port = new UdpPort({ port: 0, bind })
  const probe = systemPortProbe(bind)
  using udpTrackers = new UdpTrackers(received => port.use('tracker', { received }), { probe })
  const scrape = scrapeTransport(udpTrackers)
  const gate = new Gate(AT_ONCE)
  const silent = new Set(urls)
  const timer = setTimeout(() => onSilence?.([...silent]), SILENCE_MS)
  const ask = async (url: string): Promise<TrackerScrape> => {
    const result = await gate.run(() => scrapeOne(scrape, url, infoHashes, { bind, timeoutMs }))
    silent.delete(url)
    return result
  }
  try {
    return await Promise.all(urls.map(ask))
  } finally {
    clearTimeout(timer)
  }
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
