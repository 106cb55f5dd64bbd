import type { NodeInfo } from '../protocol/dht/compact-nodes.js'
import type { Answer, Query } from '../protocol/dht/messages.js'
import { formatAddress, type PeerAddress } from '../protocol/peer-address.js'
import type { DhtLimits } from './limits.js'
import type { Queries, QueryListener } from './queries.js'

export interface PingEvents {
  answered(from: NodeInfo, answer: Answer, now: number): void
  /** The last of them was answered or lost. */
  ended(now: number): void
}

/** Sends queries to see which nodes answer: several at a time, further ones as the first are answered or late. */
export class Pings {
  readonly #limits: DhtLimits
  readonly #queries: Queries
  readonly #events: PingEvents
  readonly #waiting = new Map<string, { readonly to: PeerAddress; readonly query: Query }>()
  /** Under way and not late. */
  #open = 0
  /** Under way. */
  readonly #pending = new Set<string>()

  constructor(limits: DhtLimits, queries: Queries, events: PingEvents) {
    this.#limits = limits
    this.#queries = queries
    this.#events = events
  }

  get isIdle(): boolean {
    return this.#pending.size === 0 && this.#waiting.size === 0
  }

  /** Does nothing where the node is being pinged, or too many wait. */
  add(to: PeerAddress, query: Query, now: number): void {
    const key = formatAddress(to)
    if (this.#pending.has(key) || this.#waiting.has(key)) return
    if (this.#waiting.size >= this.#limits.waitingPings) return
    this.#waiting.set(key, { to, query })
    this.#goOn(now)
  }

  #goOn(now: number): void {
    for (const [key, { to, query }] of this.#waiting) {
      if (this.#open >= this.#limits.pings) return
      this.#waiting.delete(key)
      this.#ping(key, to, query, now)
    }
  }

  #ping(key: string, to: PeerAddress, query: Query, now: number): void {
    this.#pending.add(key)
    this.#open++
    let isOpen = true
    const close = () => {
      if (isOpen) this.#open--
      isOpen = false
    }
    const done = (when: number) => {
      close()
      this.#pending.delete(key)
      this.#goOn(when)
      if (this.isIdle) this.#events.ended(when)
    }
    const listener: QueryListener = {
      answered: (from, answer, when) => {
        this.#events.answered(from, answer, when)
        done(when)
      },
      refused: (_, when) => done(when),
      lost: done,
      slow: when => {
        close()
        this.#goOn(when)
      },
    }
    if (!this.#queries.send(to, query, listener, now)) done(now)
  }
}
