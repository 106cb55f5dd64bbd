// BEP 15: the connection ids of UDP trackers, which all torrents of a session share.

import { BoundedMap } from '../../base/bounded-map.js'
import { sharedAbortController } from '../../base/shared-abort.js'
import { untilAborted } from '../../base/until-aborted.js'
import { formatAddress, type PeerAddress } from '../../protocol/peer-address.js'
import { type ConnectionId, encodeConnect } from '../../protocol/tracker/udp/requests.js'
import type { Clock } from '../clock.js'
import type { PortProbe } from './port-probe.js'
import type { Transactions } from './transactions.js'
import { UdpFailure } from './udp-failure.js'

/** Milliseconds for which a tracker's connection id may be used. */
const LIFETIME_MS = 60_000

const MAX_KEPT = 1_000

/** Milliseconds without an answer after which it is asked whether the tracker's port is closed. */
const PROBE_AFTER_MS = 1_000

/**
 * Milliseconds to wait for the answer to each sending of a request. BEP 15 starts at 15 s and doubles up to eight times, which would hold
 * back the next tracker of a tier for an hour. Here the wait starts at 5 s, doubles, and the third one is the last; after that the
 * schedule of announces applies, whose waits double up to an hour.
 */
export const WAITS_MS = [5_000, 10_000, 20_000] as const

interface Kept {
  readonly id: ConnectionId
  readonly until: number
}

/** A connection id, and whether an earlier request had it already: the tracker may have forgotten it since. */
export interface CurrentId {
  readonly id: ConnectionId
  readonly isKept: boolean
}

export class TrackerConnections implements Disposable {
  readonly #transactions: Transactions
  readonly #clock: Clock
  readonly #probe: PortProbe | undefined
  readonly #kept = new BoundedMap<string, Kept>(MAX_KEPT)
  readonly #underWay = new Map<string, Promise<ConnectionId>>()
  readonly #closing = sharedAbortController()

  /** @param probe tells of closed ports early; without it their trackers are silent ones */
  constructor(transactions: Transactions, clock: Clock, probe: PortProbe | undefined) {
    this.#transactions = transactions
    this.#clock = clock
    this.#probe = probe
  }

  /**
   * The id to use with a tracker at this moment; where there is none, it is asked for, once for all that wait.
   * @throws {UdpFailure}; the reason of `signal`
   */
  async current(to: PeerAddress, signal: AbortSignal): Promise<CurrentId> {
    const key = formatAddress(to)
    const kept = this.#kept.get(key)
    if (kept !== undefined && this.#clock.now() < kept.until) return { id: kept.id, isKept: true }
    const underWay = this.#underWay.get(key) ?? this.#begin(key, to)
    return { id: await untilAborted(underWay, signal), isKept: false }
  }

  /** The tracker does not know an id any more. */
  forget(to: PeerAddress, id: ConnectionId): void {
    const key = formatAddress(to)
    if (this.#kept.get(key)?.id === id) this.#kept.delete(key)
  }

  /** Gives up on what is under way. */
  [Symbol.dispose](): void {
    this.#closing.abort(new UdpFailure('unreachable', 'the session was stopped'))
  }

  #begin(key: string, to: PeerAddress): Promise<ConnectionId> {
    const connecting = this.#connect(to)
      .then(id => {
        this.#kept.set(key, { id, until: this.#clock.now() + LIFETIME_MS })
        return id
      })
      .finally(() => this.#underWay.delete(key))
    this.#underWay.set(key, connecting)
    return connecting
  }

  async #connect(to: PeerAddress): Promise<ConnectionId> {
    using transaction = this.#transactions.begin(to, answer =>
      answer.type === 'connected' ? answer.connectionId : undefined,
    )
    const datagram = encodeConnect(transaction.id)
    using _probing = this.#watchPort(to, datagram, error => transaction.fail(error))
    for (const waitMs of WAITS_MS) {
      const reply = await transaction.ask(datagram, waitMs, this.#closing.signal)
      if (reply.type === 'answered') return reply.value
      if (reply.type === 'refused') throw refusal(reply.reason)
    }
    throw silence(transaction)
  }

  #watchPort(to: PeerAddress, datagram: Uint8Array, onClosed: (error: Error) => void): Disposable {
    let probing: Disposable | undefined
    const cancelTimer = this.#clock.schedule(PROBE_AFTER_MS, () => {
      probing = this.#probe?.(to, datagram, onClosed)
    })
    return {
      [Symbol.dispose]: () => {
        cancelTimer()
        probing?.[Symbol.dispose]()
      },
    }
  }
}

export function refusal(reason: string): UdpFailure {
  return new UdpFailure('failure', `refused: ${reason || 'no reason given'}`)
}

/** After the last sending. */
export function silence(transaction: { readonly hasMalformedAnswer: boolean }): UdpFailure {
  return transaction.hasMalformedAnswer
    ? new UdpFailure('malformed', "answered something that is not a tracker's reply")
    : new UdpFailure('timeout', 'it does not answer')
}
