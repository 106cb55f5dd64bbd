import { SeededRandom } from '../../base/random.js'
import { K } from '../../dht/limits.js'
import type { LookupReport } from '../../dht/lookup/lookup.js'
import { compareDistance, randomId } from '../../protocol/dht/node-id.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import { indexOf, Journal } from '../report/journal.js'
import { EventQueue } from '../time/event-queue.js'
import { DhtHost } from './dht-host.js'
import { DhtNetwork } from './dht-network.js'
import { type DhtPlan, HOSTILITIES } from './dht-plan.js'
import type { DhtResult, LookupOutcome } from './dht-result.js'
import { type Conspiracy, HostileHost, randomHost } from './hostile-host.js'

const SECOND = 1_000
const MINUTE = 60 * SECOND

/** All nodes of the beginning join within this time. */
const JOINING_MS = 5 * MINUTE
/** Then nothing is measured for a while. */
const SETTLING_MS = 3 * MINUTE
/** Info hashes are announced within this time, and each is looked up a while after. */
const ANNOUNCING_MS = 3 * MINUTE
const LOOKED_UP_AFTER_MS = 5 * MINUTE
/** The last lookup ends within this time. */
const ENDING_MS = 2 * MINUTE

/** The part of a host in the latency, one way. */
const LEAST_LATENCY_MS = 10
const LATENCY_STEPS_MS = 70

/** Nodes that a new one knows. */
const ENTRANCES = 3
const DHT_PORT = 6881

const JOINED = indexOf('joined')
const LEFT = indexOf('left')
const ANNOUNCED = indexOf('announced')
const LOOKED_UP = indexOf('looked up')

/** A lookup while it is measured. */
interface OpenLookup {
  readonly target: Uint8Array
  announced: { stored: number; queries: number } | undefined
  lookedUp: LookupOutcome | undefined
}

/** One run of a network of DHT nodes: they join, come and go, and find what others announce. */
export class DhtRun {
  readonly #plan: DhtPlan
  readonly #seed: number
  readonly #random: SeededRandom
  readonly #queue = new EventQueue()
  readonly #journal: Journal
  readonly #network: DhtNetwork
  readonly #conspiracy: Conspiracy = { isOn: false, answers: 0, sybils: [] }
  /** Those that are there; hostile ones stay. */
  readonly #honest: DhtHost[] = []
  readonly #hostile: HostileHost[] = []
  readonly #usedHosts = new Set<string>()
  readonly #lookups: OpenLookup[] = []
  #joined = 0
  #left = 0

  /** @param onLine is called with a line for each event */
  constructor(plan: DhtPlan, seed: number, onLine?: (line: string) => void) {
    this.#plan = plan
    this.#seed = seed
    this.#random = new SeededRandom(seed)
    this.#journal = new Journal(this.#queue, onLine)
    this.#network = new DhtNetwork(this.#queue, new SeededRandom(~seed), plan.loss)
  }

  run(): DhtResult {
    const { nodes, lookups } = this.#plan.size
    const hostileEvery = this.#plan.hostile > 0 ? 1 / this.#plan.hostile : Number.POSITIVE_INFINITY
    for (let index = 0; index < nodes; index++) {
      // The first nodes are honest: the others begin with them.
      const isHostile =
        index >= K && Math.floor((index + 1) / hostileEvery) > Math.floor(index / hostileEvery)
      this.#later((JOINING_MS * index) / nodes, () => this.#join(isHostile))
    }
    this.#later(JOINING_MS, () => this.#replaceLater())
    const beginning = JOINING_MS + SETTLING_MS
    this.#later(beginning, () => {
      this.#conspiracy.isOn = true
    })
    for (let index = 0; index < lookups; index++)
      this.#later(beginning + (ANNOUNCING_MS * index) / lookups, () => this.#announce())
    const end = beginning + ANNOUNCING_MS + LOOKED_UP_AFTER_MS + ENDING_MS
    while (this.#queue.now < end) if (!this.#queue.runNext()) break
    return this.#result()
  }

  #later(ms: number, run: () => void): void {
    this.#queue.plan(this.#queue.now + ms, { run })
  }

  // Nodes come and go.

  #join(isHostile: boolean): void {
    const id = this.#joined++
    const address = { host: this.#unusedHost(), port: DHT_PORT }
    const latencyMs = LEAST_LATENCY_MS + this.#random.below(LATENCY_STEPS_MS)
    const seed = this.#random.below(2 ** 32)
    const entrances = this.#entrances()
    const host = isHostile
      ? this.#hostileHost(id, address, latencyMs, seed)
      : new DhtHost(id, address, latencyMs, seed, this.#network)
    if (!isHostile) this.#honest.push(host)
    host.join(entrances)
    this.#journal.note(JOINED, id, Number(isHostile))
  }

  #hostileHost(id: number, address: PeerAddress, latencyMs: number, seed: number): HostileHost {
    const hostility = HOSTILITIES[this.#hostile.length % HOSTILITIES.length] ?? 'silent'
    const host = new HostileHost(id, address, latencyMs, seed, this.#network, hostility, this.#conspiracy)
    this.#hostile.push(host)
    return host
  }

  #entrances(): PeerAddress[] {
    const count = this.#honest.length === 0 ? 0 : ENTRANCES
    return Array.from({ length: count }, () => this.#anyHonest()?.address).filter(each => each !== undefined)
  }

  #unusedHost(): string {
    for (;;) {
      const host = randomHost(this.#random)
      if (this.#usedHosts.has(host)) continue
      this.#usedHosts.add(host)
      return host
    }
  }

  /** From time to time a node leaves without a word, and another one joins. */
  #replaceLater(): void {
    const meanMs = this.#plan.sessionMs / this.#plan.size.nodes
    this.#later(this.#random.below(2 * meanMs), () => {
      const place = this.#random.below(this.#honest.length)
      const leaving = this.#honest[place]
      const last = this.#honest.pop()
      if (leaving === undefined || last === undefined) return
      if (leaving !== last) this.#honest[place] = last
      leaving.leave()
      this.#left++
      this.#journal.note(LEFT, leaving.id)
      this.#join(false)
      this.#replaceLater()
    })
  }

  // What is measured.

  #announce(): void {
    const host = this.#anyHonest()
    if (host === undefined) return
    const lookup: OpenLookup = { target: randomId(this.#random), announced: undefined, lookedUp: undefined }
    this.#lookups.push(lookup)
    const onEnd = ({ stored, queries }: LookupReport) => {
      lookup.announced = { stored, queries }
      this.#journal.note(ANNOUNCED, host.id, stored, queries)
    }
    const announce = { port: DHT_PORT, isPortImplied: false, isSeed: false }
    host.node.findPeers(lookup.target, { onPeers: () => undefined, onEnd }, this.#queue.now, announce)
    host.wake()
    this.#later(LOOKED_UP_AFTER_MS, () => this.#lookUp(lookup, host))
  }

  #lookUp(lookup: OpenLookup, announcer: DhtHost): void {
    const host = this.#anyHonest(announcer)
    if (host === undefined) return
    let hasFound = false
    const onPeers = (peers: readonly PeerAddress[]) => {
      hasFound ||= peers.some(peer => peer.host === announcer.address.host)
    }
    const onEnd = ({ queries, tookMs, closest }: LookupReport) => {
      const ids = new Set(closest.map(({ address }) => address.host))
      const truly = this.#closestHonest(lookup.target)
      const closestPart = truly.filter(({ address }) => ids.has(address.host)).length / truly.length
      lookup.lookedUp = { hasFound, queries, tookMs, closestPart }
      this.#journal.note(LOOKED_UP, host.id, queries, Number(hasFound))
    }
    host.node.findPeers(lookup.target, { onPeers, onEnd }, this.#queue.now)
    host.wake()
  }

  #anyHonest(except?: DhtHost): DhtHost | undefined {
    for (let tries = 0; tries < 2; tries++) {
      const host = this.#honest[this.#random.below(this.#honest.length)]
      if (host !== except) return host
    }
    return this.#honest.find(host => host !== except)
  }

  #closestHonest(target: Uint8Array): DhtHost[] {
    const closest: DhtHost[] = []
    for (const host of this.#honest) {
      const farthest = closest[K - 1]
      if (farthest !== undefined && compareDistance(host.node.id, farthest.node.id, target) >= 0) continue
      closest.push(host)
      closest.sort((a, b) => compareDistance(a.node.id, b.node.id, target))
      closest.length = Math.min(closest.length, K)
    }
    return closest
  }

  #result(): DhtResult {
    const { now } = this.#queue
    const good = this.#honest.reduce((sum, { node }) => sum + node.status(now).nodes.good, 0)
    return {
      seed: this.#seed,
      plan: this.#plan,
      endedAt: now,
      events: this.#queue.ran,
      digest: this.#journal.digest,
      lookups: this.#lookups,
      datagrams: { sent: this.#network.sent, lost: this.#network.lost },
      hostileAnswers: this.#conspiracy.answers,
      joined: this.#joined,
      left: this.#left,
      goodNodes: good / this.#honest.length,
    }
  }
}
