// BEP 5: a lookup: the nodes closest to a target are asked, and those that they name, until the closest ones have answered.

import type { NodeInfo } from '../../protocol/dht/compact-nodes.js'
import type { Answer, Query } from '../../protocol/dht/messages.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import { ALPHA, K } from '../limits.js'
import type { LocalNode } from '../local-node.js'
import { nodesNamed } from '../nodes-named.js'
import type { Queries } from '../queries.js'
import { type AnsweredCandidate, type Candidate, Candidates } from './candidates.js'

/** The outcome of a lookup. */
export interface LookupReport {
  /** Queries sent while it searched, and answers to them. */
  readonly queries: number
  readonly answers: number
  /** At most `K` nodes that answered, the closest to the target first. */
  readonly closest: readonly NodeInfo[]
  /** Nodes that have stored what was to be stored. */
  readonly stored: number
  readonly tookMs: number
}

/** The outcome of lookups in several families. */
export function mergedReport(reports: readonly LookupReport[]): LookupReport {
  return {
    queries: reports.reduce((sum, { queries }) => sum + queries, 0),
    answers: reports.reduce((sum, { answers }) => sum + answers, 0),
    closest: reports.flatMap(({ closest }) => closest),
    stored: reports.reduce((sum, { stored }) => sum + stored, 0),
    tookMs: Math.max(0, ...reports.map(({ tookMs }) => tookMs)),
  }
}

/** The target of a lookup, and its purpose. */
export interface LookupTask {
  readonly target: Uint8Array
  /** True once nothing more is needed: the lookup ends, and stores nothing. */
  readonly isDone?: boolean
  query(): Query
  /** A node has answered the query. */
  answered?(from: NodeInfo, answer: Answer): void
  /** The query by which a node is to store something, once the closest nodes are found; undefined for none. */
  store?(node: AnsweredCandidate): Query | undefined
  /** The lookup is over; not called after it was cancelled. */
  ended(report: LookupReport, now: number): void
}

export class Lookup {
  readonly #local: LocalNode
  readonly #queries: Queries
  readonly #task: LookupTask
  readonly #onEnd: (lookup: Lookup, now: number) => void
  readonly #candidates: Candidates
  readonly #startedAt: number
  #state: 'searching' | 'storing' | 'ended' = 'searching'
  /** Queries under way that are not late. */
  #open = 0
  #sent = 0
  #answers = 0
  /** Nodes to which the query to store something is on its way. */
  #storing = 0
  #stored = 0

  /** @param onEnd called once, as well where it is cancelled */
  constructor(
    local: LocalNode,
    queries: Queries,
    task: LookupTask,
    onEnd: (lookup: Lookup, now: number) => void,
    now: number,
  ) {
    this.#local = local
    this.#queries = queries
    this.#task = task
    this.#onEnd = onEnd
    this.#startedAt = now
    this.#candidates = new Candidates(task.target, local.id, local.limits)
  }

  /** @param entrances addresses of nodes whose id is not known */
  start(nodes: readonly NodeInfo[], entrances: readonly PeerAddress[], now: number): void {
    for (const node of nodes) this.#candidates.add(node)
    for (const address of entrances) this.#candidates.addEntrance(address)
    this.#goOn(now)
  }

  /** Ends it; what it found so far was told. */
  cancel(now: number): void {
    if (this.#state === 'ended') return
    this.#state = 'ended'
    this.#onEnd(this, now)
  }

  #goOn(now: number): void {
    if (this.#state !== 'searching') return
    let next = this.#next()
    while (next !== undefined && this.#open < ALPHA) {
      this.#ask(next, now)
      next = this.#next()
    }
    if (next === undefined && !this.#candidates.isWaiting()) this.#searched(now)
  }

  #next(): Candidate | undefined {
    return this.#sent < this.#local.limits.queriesPerLookup ? this.#candidates.next() : undefined
  }

  #ask(candidate: Candidate, now: number): void {
    this.#candidates.asked(candidate)
    this.#sent++
    this.#open++
    let isOpen = true
    const close = () => {
      if (isOpen) this.#open--
      isOpen = false
    }
    const isSent = this.#queries.send(
      candidate.address,
      this.#task.query(),
      {
        answered: (from, answer, when) => {
          close()
          this.#answered(candidate, from, answer, when)
        },
        refused: (_, when) => {
          close()
          this.#candidates.refused(candidate)
          this.#goOn(when)
        },
        slow: when => {
          close()
          this.#candidates.late(candidate)
          this.#goOn(when)
        },
        lost: when => {
          close()
          this.#candidates.lost(candidate)
          this.#goOn(when)
        },
      },
      now,
    )
    if (isSent) return
    close()
    this.#candidates.refused(candidate)
  }

  #answered(candidate: Candidate, from: NodeInfo, answer: Answer, now: number): void {
    const counts = this.#candidates.answered(candidate, from.id, answer.token?.slice())
    if (this.#state !== 'searching') return
    if (counts) {
      this.#answers++
      for (const node of nodesNamed(answer, from.address, this.#local, now)) this.#candidates.add(node)
      this.#task.answered?.(from, answer)
    }
    if (this.#task.isDone) {
      this.#state = 'storing'
      this.#end(now)
    }
    this.#goOn(now)
  }

  #searched(now: number): void {
    this.#state = 'storing'
    const nodes = this.#candidates.answers().filter(({ token }) => token !== undefined)
    for (const node of nodes.slice(0, K)) {
      const query = this.#task.store?.(node)
      if (query !== undefined) this.#store(node, query, 1, now)
    }
    if (this.#storing === 0) this.#end(now)
  }

  /** Sends it once more where the answer is late: to store the same twice does no harm. */
  #store(node: AnsweredCandidate, query: Query, attempt: number, now: number): void {
    this.#storing++
    let isDone = false
    const done = (isStored: boolean, when: number) => {
      if (isDone) return
      isDone = true
      this.#storing--
      if (isStored) this.#stored++
      if (this.#storing === 0) this.#end(when)
    }
    const isSent = this.#queries.send(
      node.address,
      query,
      {
        answered: (_, __, when) => done(true, when),
        refused: (_, when) => done(false, when),
        slow: when => {
          if (attempt > 1 || this.#state !== 'storing') return
          // The second query decides.
          this.#store(node, query, attempt + 1, when)
          done(false, when)
        },
        lost: when => done(false, when),
      },
      now,
    )
    if (!isSent) done(false, now)
  }

  #end(now: number): void {
    if (this.#state !== 'storing') return
    this.#state = 'ended'
    const closest = this.#candidates.closest(K).map(({ id, address }) => ({ id, address }))
    const report = {
      queries: this.#sent,
      answers: this.#answers,
      closest,
      stored: this.#stored,
      tookMs: now - this.#startedAt,
    }
    this.#onEnd(this, now)
    this.#task.ended(report, now)
  }
}
