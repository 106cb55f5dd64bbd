// BEP 15, 41: announces to trackers over UDP, and scrapes.

import { randomInt } from 'node:crypto'
import { systemCode } from '../../base/errors.js'
import { debugLog } from '../../base/log.js'
import { untilAborted } from '../../base/until-aborted.js'
import type { AddressFamily, PeerAddress } from '../../protocol/peer-address.js'
import type { AnnounceRequest } from '../../protocol/tracker/announce-request.js'
import type { AnnounceSuccess } from '../../protocol/tracker/announce-response.js'
import type { ScrapedSwarm } from '../../protocol/tracker/scrape-response.js'
import { type ConnectionId, encodeAnnounce, encodeScrape } from '../../protocol/tracker/udp/requests.js'
import { MAX_URL_DATA } from '../../protocol/tracker/udp/url-data.js'
import { type Clock, systemClock } from '../clock.js'
import type { LookUp } from '../name-lookup.js'
import { systemFailure } from '../system-failures.js'
import { TrackerError } from '../tracker-error.js'
import type { PortProbe } from './port-probe.js'
import { refusal, silence, TrackerConnections, WAITS_MS } from './tracker-connections.js'
import { TrackerHosts } from './tracker-hosts.js'
import { type ReadAnswer, type TrackerLine, Transactions } from './transactions.js'
import { parseUdpAddress, type UdpAddress } from './udp-address.js'
import { UdpFailure } from './udp-failure.js'

const debug = debugLog('discovery')

const ID_LIMIT = 2 ** 32

/** Where a request goes. */
export interface UdpRequestOptions {
  readonly signal: AbortSignal
  /** One address family only; undefined: the first address of the tracker. */
  readonly family?: 4 | 6 | undefined
}

export interface UdpTrackersOptions {
  readonly clock?: Clock
  readonly lookUp?: LookUp
  /** Returns 32 random bits that cannot be guessed. */
  readonly newId?: () => number
  /** Tells of closed ports early; without it their trackers are silent ones. */
  readonly probe?: PortProbe
}

/** One kind of request. */
interface Question<Value> {
  encode(connectionId: ConnectionId, transactionId: number, address: UdpAddress): Uint8Array
  readonly read: ReadAnswer<Value>
}

/** The UDP trackers of a session. All torrents use one UDP port, and share the connection ids of each tracker. */
export class UdpTrackers implements Disposable {
  readonly #transactions: Transactions
  readonly #connections: TrackerConnections
  readonly #hosts: TrackerHosts

  /** @param connect is given the function to call with each datagram that arrives, and returns the line to send over */
  constructor(
    connect: (received: (datagram: Uint8Array, from: PeerAddress) => void) => TrackerLine,
    { clock = systemClock, lookUp, newId = () => randomInt(ID_LIMIT), probe }: UdpTrackersOptions = {},
  ) {
    this.#transactions = new Transactions(connect, clock, newId)
    this.#connections = new TrackerConnections(this.#transactions, clock, probe)
    this.#hosts = new TrackerHosts(clock, lookUp)
  }

  /**
   * Tells the tracker at `url` about us and gives its answer.
   * @throws {TrackerError}; the reason of `options.signal`
   */
  async announce(
    url: string,
    request: AnnounceRequest,
    options: UdpRequestOptions,
  ): Promise<AnnounceSuccess> {
    const answer = await this.#ask(url, options, {
      encode: (connectionId, id, { urlData }) => encodeAnnounce(connectionId, id, request, urlData),
      read: answer => (answer.type === 'announced' ? answer : undefined),
    })
    return {
      type: 'success',
      interval: answer.interval,
      minInterval: undefined,
      complete: answer.seeders,
      incomplete: answer.leechers,
      trackerId: undefined,
      warning: undefined,
      externalHost: undefined,
      peers: answer.peers,
      namedPeers: [],
    }
  }

  /**
   * Asks the tracker at `url` about swarms, by info hashes of 20 bytes; the result has one for each, in order.
   * @throws {TrackerError}; the reason of `options.signal`
   */
  async scrape(
    url: string,
    infoHashes: readonly Uint8Array[],
    options: UdpRequestOptions,
  ): Promise<readonly (ScrapedSwarm | undefined)[]> {
    const swarms = await this.#ask(url, options, {
      encode: (connectionId, id) => encodeScrape(connectionId, id, infoHashes),
      read: answer => (answer.type === 'scraped' ? answer.swarms : undefined),
    })
    return infoHashes.map((_, index) => swarms[index])
  }

  /** Ends connects that are still under way, and writes the counts of dropped datagrams to the debug log. */
  [Symbol.dispose](): void {
    this.#connections[Symbol.dispose]()
    const { unasked, wrongSource, malformed } = this.#transactions.dropped
    if (unasked + wrongSource + malformed === 0) return
    debug('dropped from trackers: unasked %d, wrong source %d, malformed %d', unasked, wrongSource, malformed)
  }

  async #ask<Value>(url: string, options: UdpRequestOptions, question: Question<Value>): Promise<Value> {
    const { signal } = options
    let to: PeerAddress | undefined
    try {
      const address = readAddress(url)
      to = await this.#find(address, options)
      return await this.#exchange(to, address, question, signal)
    } catch (error) {
      signal.throwIfAborted()
      if (error instanceof UdpFailure) {
        if (to !== undefined && error.code === 'timeout') this.#hosts.failed(to)
        const facts = { url, reason: error.facts.reason }
        throw new TrackerError(error.code, facts, { cause: error.cause ?? error })
      }
      if (systemCode(error) === '') throw error
      throw new TrackerError('unreachable', { url, reason: systemFailure(error) }, { cause: error })
    }
  }

  async #find(address: UdpAddress, { signal, family }: UdpRequestOptions): Promise<PeerAddress> {
    const opening = await untilAborted(this.#transactions.line.open(), signal)
    if (opening.type === 'unavailable') {
      throw new UdpFailure('no-udp-port', `this machine has no UDP port for us: ${opening.reason}`)
    }
    const only: AddressFamily = family === 6 ? 'ipv6' : 'ipv4'
    const families = family === undefined ? opening.families : opening.families.filter(name => name === only)
    return await this.#hosts.find(address, families, signal)
  }

  /**
   * Sends a request until it is answered. The tracker may have forgotten a connection id that was kept from an earlier request: after
   * silence or a refusal another one is fetched, once.
   */
  async #exchange<Value>(
    to: PeerAddress,
    address: UdpAddress,
    { encode, read }: Question<Value>,
    signal: AbortSignal,
  ): Promise<Value> {
    using transaction = this.#transactions.begin(to, read)
    let doubted: ConnectionId | undefined
    const waits = [...WAITS_MS]
    for (let waitMs = waits.shift(); waitMs !== undefined; waitMs = waits.shift()) {
      const { id, isKept } = await this.#connections.current(to, signal)
      const reply = await transaction.ask(encode(id, transaction.id, address), waitMs, signal)
      if (reply.type === 'answered') return reply.value
      const isDoubtful = isKept && doubted === undefined
      if (reply.type === 'refused' && !isDoubtful) throw refusal(reply.reason)
      if (reply.type === 'refused') waits.unshift(waitMs)
      if (isDoubtful) this.#connections.forget(to, id)
      doubted ??= id
    }
    throw silence(transaction)
  }
}

/** @throws {UdpFailure} */
function readAddress(url: string): UdpAddress {
  const address = parseUdpAddress(url)
  if (address === undefined) {
    throw new UdpFailure('unsupported-scheme', 'not an address of a UDP tracker, which has a host and a port')
  }
  if (address.urlData.length > MAX_URL_DATA) {
    throw new UdpFailure(
      'unsupported-scheme',
      `its path is longer than the ${MAX_URL_DATA} characters of BEP 41`,
    )
  }
  return address
}
