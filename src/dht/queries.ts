import type { NodeInfo } from '../protocol/dht/compact-nodes.js'
import { encodeQuery } from '../protocol/dht/encode.js'
import type { Answer, ErrorMessage, Query, ResponseMessage } from '../protocol/dht/messages.js'
import type { PeerAddress } from '../protocol/peer-address.js'
import type { LocalNode } from './local-node.js'
import { RoundTrips } from './round-trips.js'
import type { AnswerFault } from './status.js'

/** The fate of a query: `slow` at most once, then one of the others, once. */
export interface QueryListener {
  answered(from: NodeInfo, answer: Answer, now: number): void
  /** The node answered with an error of BEP 5 or 44. */
  refused(code: number, now: number): void
  /** The answer is late; it may still come. */
  slow(now: number): void
  /** There was no answer. */
  lost(now: number): void
}

/** Hears of other nodes, as all queries show them. */
export interface QueryObserver {
  nodeAnswered(node: NodeInfo, now: number): void
  /** A query that was sent at `sentAt` got no answer. */
  nodeSilent(address: PeerAddress, sentAt: number, now: number): void
  /** A node told us our address (BEP 42). */
  outsideHostSeen(host: Uint8Array, from: PeerAddress, now: number): void
}

interface PendingQuery {
  readonly to: PeerAddress
  readonly sentAt: number
  readonly slowAt: number
  readonly lostAt: number
  isSlow: boolean
  readonly listener: QueryListener
}

/** Of transaction ids: two of them would be enough to tell queries apart, and few enough to be guessed. */
const TRANSACTION_BYTES = 4

/** The queries of a node that wait for their answers. An answer counts only with its transaction id, from the address asked. */
export class Queries {
  readonly #local: LocalNode
  readonly #observer: QueryObserver
  readonly #roundTrips: RoundTrips
  readonly #pending = new Map<number, PendingQuery>()
  /** No query is slow or lost before this time. */
  #soonest = Number.POSITIVE_INFINITY

  constructor(local: LocalNode, observer: QueryObserver) {
    this.#local = local
    this.#observer = observer
    this.#roundTrips = new RoundTrips(local.limits)
  }

  get nextTimeAt(): number {
    return this.#soonest
  }

  /** False, with nothing sent, where as many queries are under way as may be. */
  send(to: PeerAddress, query: Query, listener: QueryListener, now: number): boolean {
    if (this.#pending.size >= this.#local.limits.queries) return false
    const number = this.#unusedNumber()
    const slowAt = now + this.#roundTrips.slowMs
    const lostAt = now + this.#roundTrips.lostMs
    this.#pending.set(number, { to, sentAt: now, slowAt, lostAt, isSlow: false, listener })
    this.#soonest = Math.min(this.#soonest, slowAt)
    const { id, isReadOnly, version, counters } = this.#local
    counters.sentQueries++
    this.#local.send(encodeQuery({ transaction: bytesOf(number), id, isReadOnly, version }, query), to)
    return true
  }

  /** @returns why the answer is dropped, if it is */
  received(message: ResponseMessage | ErrorMessage, from: PeerAddress, now: number): AnswerFault | undefined {
    const number = numberOf(message.transaction)
    const pending = number === undefined ? undefined : this.#pending.get(number)
    if (number === undefined || pending === undefined) return 'unasked'
    if (pending.to.host !== from.host || pending.to.port !== from.port) return 'wrong-address'
    this.#pending.delete(number)
    this.#roundTrips.add(now - pending.sentAt)
    if (message.outsideHost !== undefined) this.#observer.outsideHostSeen(message.outsideHost, from, now)
    if (message.type === 'error') {
      pending.listener.refused(message.code, now)
      return undefined
    }
    const node = { id: message.id, address: pending.to }
    this.#observer.nodeAnswered(node, now)
    pending.listener.answered(node, message.answer, now)
    return undefined
  }

  onTime(now: number): void {
    if (now < this.#soonest) return
    const slow: PendingQuery[] = []
    const lost: PendingQuery[] = []
    let soonest = Number.POSITIVE_INFINITY
    for (const [number, pending] of this.#pending) {
      if (pending.lostAt <= now) {
        this.#pending.delete(number)
        lost.push(pending)
      } else if (!pending.isSlow && pending.slowAt <= now) {
        pending.isSlow = true
        slow.push(pending)
        soonest = Math.min(soonest, pending.lostAt)
      } else {
        soonest = Math.min(soonest, pending.isSlow ? pending.lostAt : pending.slowAt)
      }
    }
    this.#soonest = soonest
    for (const { listener, to, sentAt } of lost) {
      this.#local.counters.lostQueries++
      this.#observer.nodeSilent(to, sentAt, now)
      listener.lost(now)
    }
    for (const { listener } of slow) listener.slow(now)
  }

  #unusedNumber(): number {
    for (;;) {
      const number = this.#local.world.random.below(2 ** (8 * TRANSACTION_BYTES))
      if (!this.#pending.has(number)) return number
    }
  }
}

function bytesOf(number: number): Uint8Array {
  return Uint8Array.of(number >>> 24, (number >>> 16) & 0xff, (number >>> 8) & 0xff, number & 0xff)
}

function numberOf(transaction: Uint8Array): number | undefined {
  const [a = 0, b = 0, c = 0, d = 0] = transaction
  return transaction.length === TRANSACTION_BYTES ? ((a << 24) | (b << 16) | (c << 8) | d) >>> 0 : undefined
}
