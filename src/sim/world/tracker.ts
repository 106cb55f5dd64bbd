import type { Random } from '../../base/random.js'
import type { EventQueue } from '../time/event-queue.js'
import type { SimHost } from './sim-host.js'

/** Peers in one answer. */
const WANTED = 50

/** The wait before the next announce where peers are still wanted; then twice as long each time, as the client does it. */
const FIRST_WAIT_MS = 60_000

/** Hands out peers of the swarm at random. */
export class SimTracker {
  readonly #queue: EventQueue
  readonly #random: Random
  readonly #hosts: SimHost[] = []
  readonly #positions = new Map<SimHost, number>()

  constructor(queue: EventQueue, random: Random) {
    this.#queue = queue
    this.#random = random
  }

  /** A host joins: it gets addresses, and others may get its address. */
  join(host: SimHost): void {
    this.#positions.set(host, this.#hosts.length)
    this.#hosts.push(host)
    this.#announce(host, FIRST_WAIT_MS)
  }

  leave(host: SimHost): void {
    const position = this.#positions.get(host)
    const last = this.#hosts.pop()
    if (position === undefined || last === undefined) return
    this.#positions.delete(host)
    if (last === host) return
    this.#hosts[position] = last
    this.#positions.set(last, position)
  }

  #announce(host: SimHost, waitMs: number): void {
    const chosen = this.#choose(host)
    const answerMs = 4 * host.plan.latencyMs
    this.#queue.plan(this.#queue.now + answerMs, {
      run: () => {
        if (host.isPresent)
          host.torrent.addCandidates(
            chosen.map(({ address }) => address),
            'tracker',
          )
      },
    })
    this.#announceLater(host, waitMs)
  }

  /** While it wants peers, a host announces less and less often. */
  #announceLater(host: SimHost, waitMs: number): void {
    this.#queue.plan(this.#queue.now + waitMs, {
      run: () => {
        if (!host.isPresent) return
        if (host.torrent.wantsPeers) this.#announce(host, 2 * waitMs)
        else this.#announceLater(host, waitMs)
      },
    })
  }

  /** Up to `WANTED` different hosts, without the one that asks. */
  #choose(asking: SimHost): SimHost[] {
    const chosen = new Set<SimHost>()
    const others = this.#hosts.length - (this.#positions.has(asking) ? 1 : 0)
    while (chosen.size < Math.min(WANTED, others)) {
      const host = this.#hosts[this.#random.below(this.#hosts.length)]
      if (host !== undefined && host !== asking) chosen.add(host)
    }
    return [...chosen]
  }
}
