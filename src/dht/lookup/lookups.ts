import type { PeerAddress } from '../../protocol/peer-address.js'
import { K } from '../limits.js'
import type { LocalNode } from '../local-node.js'
import type { Queries } from '../queries.js'
import { Lookup, type LookupReport, type LookupTask } from './lookup.js'

/** A lookup that was begun, or waits for its turn. */
export interface LookupHandle {
  /** Ends it; its listener is told nothing more. */
  cancel(now: number): void
}

interface WaitingLookup extends LookupHandle {
  readonly task: LookupTask
  running: Lookup | undefined
}

const FEW_NODES = 3
const NOTHING: LookupReport = { queries: 0, answers: 0, closest: [], stored: 0, tookMs: 0 }

/** The lookups of a node, some at a time; the others wait in the order in which they came. */
export class Lookups {
  readonly #local: LocalNode
  readonly #queries: Queries
  readonly #mayBegin: () => boolean
  readonly #entrances: () => readonly PeerAddress[]
  readonly #waiting = new Set<WaitingLookup>()
  readonly #active = new Set<Lookup>()
  #isGoingOn = false

  /**
   * @param mayBegin false while the first nodes are being asked
   * @param entrances addresses to begin with where there are hardly any nodes
   */
  constructor(
    local: LocalNode,
    queries: Queries,
    mayBegin: () => boolean,
    entrances: () => readonly PeerAddress[],
  ) {
    this.#local = local
    this.#queries = queries
    this.#mayBegin = mayBegin
    this.#entrances = entrances
  }

  get activeCount(): number {
    return this.#active.size
  }

  get waitingCount(): number {
    return this.#waiting.size
  }

  /** Begins a lookup, or puts it at the end of those that wait; where too many wait, it ends at once and has found nothing. */
  add(task: LookupTask, now: number): LookupHandle {
    const waiting: WaitingLookup = {
      task,
      running: undefined,
      cancel: when => {
        this.#waiting.delete(waiting)
        waiting.running?.cancel(when)
      },
    }
    if (this.#waiting.size >= this.#local.limits.waitingLookups) {
      task.ended(NOTHING, now)
      return waiting
    }
    this.#waiting.add(waiting)
    this.goOn(now)
    return waiting
  }

  /** Begins a lookup of the node's own, before those that wait. */
  begin(task: LookupTask, now: number): Lookup {
    const ended = (lookup: Lookup, when: number) => {
      this.#active.delete(lookup)
      this.goOn(when)
    }
    const lookup = new Lookup(this.#local, this.#queries, task, ended, now)
    this.#active.add(lookup)
    const nodes = this.#local.table.closest(task.target, 2 * K, now)
    lookup.start(nodes, nodes.length < FEW_NODES ? this.#entrances() : [], now)
    return lookup
  }

  /** Begins those that wait, as many as may be. */
  goOn(now: number): void {
    // A lookup that ends at once would begin the next within itself.
    if (this.#isGoingOn || !this.#mayBegin()) return
    this.#isGoingOn = true
    for (const waiting of this.#waiting) {
      if (this.#active.size >= this.#local.limits.lookups) break
      this.#waiting.delete(waiting)
      waiting.running = this.begin(waiting.task, now)
    }
    this.#isGoingOn = false
  }
}
