// BEP 3, 12, 24, 31: keeps the trackers of one swarm told about us, and us about its peers.

import type { Gate } from '../base/gate.js'
import { debugLog } from '../base/log.js'
import type { Random } from '../base/random.js'
import { shownUrl } from '../base/shown-url.js'
import type { PeerAddress } from '../protocol/peer-address.js'
import type {
  AnnouncedEncryption,
  AnnounceEvent,
  AnnounceRequest,
} from '../protocol/tracker/announce-request.js'
import type { AnnounceSuccess } from '../protocol/tracker/announce-response.js'
import { type Clock, systemClock } from './clock.js'
import type { TorrentStats } from './finder.js'
import type { LookUp } from './name-lookup.js'
import { PeerNames } from './peer-names.js'
import { TierList } from './tier-list.js'
import { TrackerError, type TrackerErrorCode } from './tracker-error.js'
import { TrackerRecord, type TrackerStatus } from './tracker-record.js'

const debug = debugLog('discovery')

/** `warning` is what a tracker that works wants people to know. */
export interface TrackerWarning {
  readonly url: string
  /** One line, the address included. */
  readonly message: string
  readonly code: TrackerErrorCode | 'warning'
}

/** Tells one tracker; rejects with a `TrackerError`, or with the signal's reason once that is aborted. */
export type AnnounceTransport = (
  url: string,
  request: AnnounceRequest,
  options: { readonly signal: AbortSignal; readonly bind: string | undefined },
) => Promise<AnnounceSuccess>

export interface AnnouncerOptions {
  readonly tiers: readonly (readonly string[])[]
  /** Announces to every tracker, in place of one in each tier. Default: false. */
  readonly toAll?: boolean
  /** 20 bytes; a hybrid torrent is in two swarms and has two announcers. */
  readonly infoHash: Uint8Array
  /** 20 bytes. */
  readonly peerId: Uint8Array
  /** Where we take connections. */
  readonly port: number
  /** 32 random bits, the same for the whole session. */
  readonly key: number
  /** Tells trackers to prefer such peers for us, and us for such peers. */
  readonly encryption?: AnnouncedEncryption | undefined
  readonly random: Random
  stats(): TorrentStats
  onPeers(peers: readonly PeerAddress[], url: string): void
  /** A tracker's first failure, and one for another reason than before; the same again is not told. */
  onWarning(warning: TrackerWarning): void
  onStatus?(status: TrackerStatus): void
  /** The local address to announce from. */
  readonly bind?: string | undefined
  /** Shared by all announcers of a session: thousands of torrents may start or stop together. */
  readonly gate?: Gate
  readonly clock?: Clock
  readonly transport: AnnounceTransport
  /** Finds the addresses of peers that a tracker lists by name. */
  readonly lookUp?: LookUp
}

const MAX_TRACKERS = 200
/** Trackers that are asked at the same time; the others wait for their turn. */
const MAX_IN_FLIGHT = 16
const NUMWANT = 100
const FAREWELL_MS = 5000

export class Announcer {
  readonly #options: AnnouncerOptions
  readonly #clock: Clock
  readonly #transport: AnnounceTransport
  readonly #names: PeerNames
  readonly #tiers: TierList
  readonly #records = new Map<string, TrackerRecord>()
  #isStarted = false
  #wantsPeers = true
  #wasComplete = false
  #isCompleted = false
  #isStopping = false
  #stopped: Promise<void> = Promise.resolve()
  #isHurried = false
  #cancelTimer: () => void = () => {}

  constructor(options: AnnouncerOptions) {
    this.#options = options
    this.#clock = options.clock ?? systemClock
    this.#transport = options.transport
    this.#names = new PeerNames(this.#clock, options.lookUp)
    this.#tiers = new TierList(options.tiers, options.random, MAX_TRACKERS)
    for (const url of this.#tiers.tiers.flat()) this.#records.set(url, new TrackerRecord(url, options.random))
  }

  get status(): readonly TrackerStatus[] {
    const now = this.#clock.now()
    return this.#tiers.tiers.flatMap((tier, index) =>
      tier.flatMap(url => this.#records.get(url)?.status(index, now) ?? []),
    )
  }

  start(): void {
    if (this.#isStarted || this.#isStopping) return
    this.#isStarted = true
    this.#wasComplete = this.#options.stats().left === 0
    this.#turn()
  }

  /** The download is complete. Trackers hear it once, and not at all where it was complete from the start. */
  completed(): void {
    if (!this.#isStarted || this.#wasComplete || this.#isCompleted) return
    this.#isCompleted = true
    this.#turn()
  }

  /** Whether peers are wanted, as they are at first: then trackers are asked before their interval is over. */
  wantsPeers(isWanting: boolean): void {
    if (isWanting === this.#wantsPeers) return
    this.#wantsPeers = isWanting
    if (this.#isStarted) this.#turn()
  }

  /** Adds a tracker in a tier of its own. */
  addTracker(url: string): void {
    if (!this.#tiers.add(url)) return
    this.#records.set(url, new TrackerRecord(url, this.#options.random))
    if (this.#isStarted) this.#turn()
  }

  /**
   * Says goodbye to the trackers that heard of us, for 5 s at most; where `completed` is still to be told, that goes
   * first. Called again, it gives up on what is not said yet.
   */
  stop(): Promise<void> {
    if (this.#isStopping) {
      this.#hurry()
    } else {
      this.#isStopping = true
      this.#stopped = this.#leave()
    }
    return this.#stopped
  }

  /** Announces wherever that is due, and comes back when the next one will be. */
  #turn(): void {
    this.#cancelTimer()
    if (this.#isStopping) return
    const now = this.#clock.now()
    const due: TrackerRecord[] = []
    let wakeAt = Number.POSITIVE_INFINITY
    for (const record of this.#candidates(now)) {
      const hasEvent = record.nextEvent(this.#isCompleted) !== undefined
      const dueAt = record.schedule.dueAt({ peers: this.#wantsPeers, event: hasEvent })
      if (dueAt <= now) due.push(record)
      else wakeAt = Math.min(wakeAt, dueAt)
    }
    if (wakeAt < Number.POSITIVE_INFINITY) {
      this.#cancelTimer = this.#clock.schedule(Math.ceil(wakeAt - now), () => this.#turn())
    }
    // Last, and checking the state again each time, since a listener may call back into this class.
    for (const record of due) {
      if (this.#isStopping || this.#inFlight >= MAX_IN_FLIGHT) return
      if (record.inFlight === undefined) void this.#launch(record, record.nextEvent(this.#isCompleted))
    }
  }

  /** Of each tier where nothing is under way the tracker that is next: the first, unless it has just failed. */
  #candidates(now: number): TrackerRecord[] {
    return this.#tiers.tiers.flatMap(tier => {
      const records = tier.flatMap(url => this.#records.get(url) ?? [])
      if (this.#options.toAll) return records.filter(record => record.inFlight === undefined)
      if (records.some(record => record.inFlight !== undefined)) return []
      return records.find(({ schedule }) => !schedule.isBlocked(now)) ?? soonest(records) ?? []
    })
  }

  get #inFlight(): number {
    let count = 0
    for (const record of this.#records.values()) if (record.inFlight !== undefined) count++
    return count
  }

  #launch(record: TrackerRecord, event: AnnounceEvent | undefined): Promise<void> {
    const controller = new AbortController()
    const done = this.#announce(record, event, controller.signal)
    record.inFlight = { event, controller, done }
    this.#report(record)
    return done
  }

  async #announce(
    record: TrackerRecord,
    event: AnnounceEvent | undefined,
    signal: AbortSignal,
  ): Promise<void> {
    const { bind } = this.#options
    try {
      const announce = () => {
        signal.throwIfAborted()
        return this.#transport(record.url, this.#request(record, event), { signal, bind })
      }
      const { gate } = this.#options
      const answer = await (gate === undefined ? announce() : gate.run(announce))
      record.inFlight = undefined
      this.#succeeded(record, event, answer)
    } catch (error) {
      record.inFlight = undefined
      if (signal.aborted) debug('%s: announce given up', shownUrl(record.url))
      else if (error instanceof TrackerError) this.#failed(record, error)
      else throw error
    }
    this.#report(record)
    this.#turn()
  }

  #request(record: TrackerRecord, event: AnnounceEvent | undefined): AnnounceRequest {
    const { infoHash, peerId, port, key, encryption } = this.#options
    const { isPartialSeed, ...stats } = this.#options.stats()
    const wantsPeers = event !== 'stopped' && this.#wantsPeers
    return {
      infoHash,
      peerId,
      port,
      key,
      ...stats,
      event: event ?? (isPartialSeed ? 'paused' : undefined),
      numwant: wantsPeers ? NUMWANT : 0,
      compact: true,
      noPeerId: true,
      trackerId: record.trackerId,
      encryption,
    }
  }

  #succeeded(record: TrackerRecord, event: AnnounceEvent | undefined, answer: AnnounceSuccess): void {
    const { url } = record
    debug('%s: %d peers, again in %d s', shownUrl(url), answer.peers.length, answer.interval)
    record.schedule.succeeded(this.#clock.now(), answer, this.#wantsPeers)
    this.#tiers.promote(url)
    if (record.succeeded(event, answer)) {
      this.#options.onWarning({
        url,
        code: 'warning',
        message: `${shownUrl(url)}: it says: ${answer.warning}`,
      })
    }
    if (this.#isStopping) return
    if (answer.peers.length > 0) this.#options.onPeers(answer.peers, url)
    this.#names.resolve(url, answer.namedPeers, found => this.#options.onPeers(found, url))
  }

  #failed(record: TrackerRecord, error: TrackerError): void {
    debug('%s', error.message)
    if (error.code === 'unsupported-scheme') record.schedule.gaveUp()
    else record.schedule.failed(this.#clock.now(), error.facts.retryIn)
    const isNews = record.failed(error)
    if (!isNews || this.#isStopping) return
    this.#options.onWarning({ url: record.url, code: error.code, message: error.message })
  }

  async #leave(): Promise<void> {
    this.#cancelTimer()
    this.#names.stop()
    for (const { inFlight } of this.#records.values()) {
      if (inFlight?.event !== 'completed') inFlight?.controller.abort()
    }
    const cancelDeadline = this.#clock.schedule(FAREWELL_MS, () => this.#hurry())
    await Promise.all([...this.#records.values()].map(record => this.#farewell(record)))
    cancelDeadline()
  }

  async #farewell(record: TrackerRecord): Promise<void> {
    await record.inFlight?.done
    for (const event of record.lastEvents(this.#isCompleted)) {
      if (!this.#isHurried) await this.#launch(record, event)
    }
  }

  #hurry(): void {
    this.#isHurried = true
    for (const { inFlight } of this.#records.values()) inFlight?.controller.abort()
  }

  #report(record: TrackerRecord): void {
    if (this.#options.onStatus === undefined) return
    const status = this.status.find(({ url }) => url === record.url)
    if (status !== undefined) this.#options.onStatus(status)
  }
}

/** Of trackers that all failed, the one to try again first. */
function soonest(records: readonly TrackerRecord[]): TrackerRecord | undefined {
  const retryAt = ({ schedule }: TrackerRecord) => schedule.dueAt({ peers: false, event: false })
  return records.toSorted((a, b) => (retryAt(a) < retryAt(b) ? -1 : 1))[0]
}
