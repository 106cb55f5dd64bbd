import { once } from 'node:events'
import { toHex } from '../base/bytes.js'
import { listenOn } from '../base/listen.js'
import { debugLog } from '../base/log.js'
import { type Random, SeededRandom } from '../base/random.js'
import { formatAddress } from '../protocol/peer-address.js'
import { renderTrackerPage, type TrackerPageModel, type TrackerPageTorrent } from '../web/tracker-page.js'
import type { TrackerClient } from './client.js'
import { type AnnounceSeen, TrackerDecisions } from './decisions.js'
import { TrackerHttpServer, type TrackerRoutes } from './http/http-server.js'
import { answerAnnounceQuery, answerScrapeQuery } from './http/queries.js'
import { TRACKER_LIMITS, type TrackerLimits } from './limits.js'
import { reachableHosts } from './reachable-hosts.js'
import { RequestRate } from './request-rate.js'
import { MemoryStore } from './swarm-store/memory-store.js'
import type { StoreTotals, SwarmStore } from './swarm-store/swarm-store.js'

const debug = debugLog('tracker')

export interface TrackerServerOptions {
  /** 0 takes any that is free. */
  readonly port: number
  /** The address to listen on; all of IPv6 and IPv4 where it is left out. */
  readonly bind?: string | undefined
  /** The interval at which peers are to announce: 1800 s. */
  readonly intervalSeconds?: number | undefined
  /** Called after each announce that was taken. */
  readonly onAnnounce?: ((seen: AnnounceSeen) => void) | undefined
  readonly random?: Random
  /** The limits for clients (default: `TRACKER_LIMITS`). */
  readonly limits?: TrackerLimits
}

export interface TrackerStats extends StoreTotals {
  readonly uptimeSeconds: number
  readonly announces: number
  readonly scrapes: number
}

const DEFAULT_INTERVAL_SECONDS = 1800
const LONGEST_MIN_INTERVAL_SECONDS = 60
const EXPIRY_CHECK_MS = 60_000
const SWARMS_ON_PAGE = 100
/** Looking through all swarms is dear; however many look at the page, it is done once in this time. */
const PAGE_AGE_MS = 1000

/** A torrent that the tracker was told of. */
interface NamedTorrent {
  readonly infoHashes: readonly Uint8Array[]
  readonly name: string
}

/** A tracker for anybody's torrents, over HTTP, with its swarms in memory (BEP 3, 7, 23, 24, 31, 48). */
export class TrackerServer implements AsyncDisposable {
  readonly #http: TrackerHttpServer
  readonly #store: SwarmStore
  readonly #decisions: TrackerDecisions
  readonly #torrents = new Map<string, NamedTorrent>()
  readonly #startedAt = performance.now()
  readonly #expiryTimer: NodeJS.Timeout
  #host = ''
  #port = 0
  #announces = 0
  #scrapes = 0
  readonly #page = new RecentBytes(() => renderTrackerPage(this.#model()))
  readonly #statsJson = new RecentBytes(() => JSON.stringify(this.#model()))

  private constructor(options: TrackerServerOptions) {
    const limits = options.limits ?? TRACKER_LIMITS
    const random = options.random ?? new SeededRandom(Date.now())
    const intervalSeconds = options.intervalSeconds ?? DEFAULT_INTERVAL_SECONDS
    const minIntervalSeconds = Math.min(intervalSeconds, LONGEST_MIN_INTERVAL_SECONDS)
    // A peer may miss one announce.
    this.#store = new MemoryStore({ random, timeoutMs: 2500 * intervalSeconds, limits })
    const rules = { intervalSeconds, minIntervalSeconds, random }
    this.#decisions = new TrackerDecisions(this.#store, rules, options.onAnnounce)
    const routes: TrackerRoutes = {
      announce: (query, client) => this.#announce(query, client),
      scrape: (query, client) => this.#scrape(query, client),
      page: () => this.#page.at(performance.now()),
      stats: () => this.#statsJson.at(performance.now()),
    }
    this.#http = new TrackerHttpServer(routes, limits, new RequestRate(limits.addresses))
    this.#expiryTimer = setInterval(() => this.#store.expire(performance.now()), EXPIRY_CHECK_MS)
    this.#expiryTimer.unref()
  }

  /** @throws {import('../base/listen.js').ListenError} */
  static async listen(options: TrackerServerOptions): Promise<TrackerServer> {
    const tracker = new TrackerServer(options)
    try {
      await tracker.#listen(options)
    } catch (error) {
      await tracker[Symbol.asyncDispose]()
      throw error
    }
    return tracker
  }

  get port(): number {
    return this.#port
  }

  /** The address it listens on, `::` or `0.0.0.0` for all. */
  get host(): string {
    return this.#host
  }

  /** Addresses to announce to, the one that most others can use first. */
  get urls(): readonly string[] {
    return reachableHosts(this.#host).map(
      host => `http://${formatAddress({ host, port: this.#port })}/announce`,
    )
  }

  /** The first of `urls`. */
  get url(): string {
    return this.urls[0] ?? `http://${formatAddress({ host: '127.0.0.1', port: this.#port })}/announce`
  }

  get stats(): TrackerStats {
    return {
      ...this.#totals(),
      uptimeSeconds: Math.floor((performance.now() - this.#startedAt) / 1000),
      announces: this.#announces,
      scrapes: this.#scrapes,
    }
  }

  /**
   * Tells the tracker of a torrent, so that its page shows the name, and a hybrid as one torrent: nothing in announces
   * tells for certain that two swarms belong together.
   * @param infoHashes 20 bytes each: one, or both of a hybrid (the v2 hash truncated), v1 first
   */
  nameTorrent(infoHashes: readonly Uint8Array[], name: string): void {
    const torrent = { infoHashes, name }
    for (const infoHash of infoHashes) this.#torrents.set(toHex(infoHash), torrent)
  }

  /** Stops listening and closes every connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#expiryTimer)
    this.#http[Symbol.dispose]()
    if (!this.#http.server.listening) return
    const closed = once(this.#http.server, 'close')
    this.#http.server.close()
    await closed
  }

  async #listen({ port, bind }: TrackerServerOptions): Promise<void> {
    const address = await listenOn(this.#http.server, { port, host: bind })
    // Such as too many open files: the connection is lost, the tracker goes on.
    this.#http.server.on('error', error => debug('%s', error))
    this.#host = address.host
    this.#port = address.port
    debug('listening on %s', formatAddress(address))
  }

  #announce(query: string, client: TrackerClient): Uint8Array {
    this.#announces++
    return answerAnnounceQuery(query, request => this.#decisions.decide(request, client, performance.now()))
  }

  #scrape(query: string, client: TrackerClient): Uint8Array {
    this.#scrapes++
    return answerScrapeQuery(query, request => this.#decisions.decide(request, client, performance.now()))
  }

  /** Of all swarms; the two of a hybrid that the tracker knows of are one. */
  #totals(): StoreTotals {
    let { swarms, seeders, leechers } = this.#store.totals
    for (const { infoHashes } of new Set(this.#torrents.values())) {
      const each = infoHashes.flatMap(infoHash => this.#store.peersOf([infoHash]) ?? [])
      const together = this.#store.peersOf(infoHashes)
      if (together === undefined || each.length < 2) continue
      swarms -= each.length - 1
      for (const counts of each) {
        seeders -= counts.seeders
        leechers -= counts.leechers
      }
      seeders += together.seeders
      leechers += together.leechers
    }
    return { swarms, seeders, leechers }
  }

  #model(): TrackerPageModel {
    return { url: this.url, ...this.stats, largest: this.#largest() }
  }

  #largest(): TrackerPageTorrent[] {
    const shown = new Set<NamedTorrent>()
    const rows: TrackerPageTorrent[] = []
    for (const { infoHash, ...counts } of this.#store.largest(SWARMS_ON_PAGE)) {
      const torrent = this.#torrents.get(toHex(infoHash))
      if (torrent === undefined) {
        rows.push({ infoHash: toHex(infoHash), ...counts })
      } else if (!shown.has(torrent)) {
        shown.add(torrent)
        const { infoHashes, name } = torrent
        const [first = infoHash, second] = infoHashes
        const infoHashV2 = second === undefined ? {} : { infoHashV2: toHex(second) }
        rows.push({
          infoHash: toHex(first),
          ...infoHashV2,
          name,
          ...(this.#store.peersOf(infoHashes) ?? counts),
        })
      }
    }
    return rows
  }
}

/** Bytes that are rendered again once they are old, however often they are requested; all requests share them. */
class RecentBytes {
  readonly #make: () => string
  #bytes: Uint8Array | undefined
  #madeAt = 0

  constructor(make: () => string) {
    this.#make = make
  }

  at(now: number): Uint8Array {
    if (this.#bytes === undefined || now - this.#madeAt > PAGE_AGE_MS) {
      this.#bytes = Buffer.from(this.#make())
      this.#madeAt = now
    }
    return this.#bytes
  }
}
