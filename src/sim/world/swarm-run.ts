import { Bitfield } from '../../base/bitfield.js'
import { SeededRandom } from '../../base/random.js'
import type { PickOrder } from '../../engine/pick/make-strategy.js'
import type { PeerAddress } from '../../protocol/peer-address.js'
import { checkFinished } from '../checks/completion.js'
import { checkConserved } from '../checks/conservation.js'
import { dial } from '../net/dialling.js'
import { Network } from '../net/network.js'
import { indexOf, Journal } from '../report/journal.js'
import { EventQueue } from '../time/event-queue.js'
import { type Content, makeContent } from './content.js'
import { SimHost, type Surroundings } from './sim-host.js'
import type { SwarmPlan } from './swarm-plan.js'
import type { Faults, Sample, SwarmResult } from './swarm-result.js'
import { SimTracker } from './tracker.js'
import { WebServer } from './web-server.js'

const SAMPLE_MS = 1_000

/** Virtual time without a block after which no more will come. */
const STALLED_MS = 300_000

const HOUR_MS = 3_600_000

const JOINED = indexOf('joined')
const LEFT = indexOf('left')
const CONNECTED = indexOf('connected to')
const DISK_FULL = indexOf('disk is full')

/** One run of a swarm, from the first host that joins to the last that completes. */
export class SwarmRun implements Surroundings {
  readonly content: Content
  readonly queue = new EventQueue()
  readonly journal: Journal
  readonly maxPeers: number
  readonly pick: PickOrder
  readonly hosts: readonly SimHost[]
  readonly #webServers: readonly WebServer[]
  readonly #plan: SwarmPlan
  readonly #seed: number
  readonly #random: SeededRandom
  readonly #network: Network
  readonly #tracker: SimTracker
  readonly #byAddress = new Map<string, SimHost>()
  readonly #faults: Faults = { lostConnections: 0, departures: 0, fullDisks: 0 }
  readonly #samples: Sample[] = []
  /** Pieces that a host other than a seed has, or had. */
  readonly #copied: Bitfield
  #seedBytesAtCopy: number | undefined
  /** Hosts that have to complete, and have not. */
  #unfinished = 0
  #complete = 0
  #lastReceived = 0
  #lastReceivedAt = 0
  /** How many quarters of all pieces the first leecher has. */
  #quarters = 0
  #isStalled = false

  /** @param onLine is called with a line for each event */
  constructor(plan: SwarmPlan, seed: number, onLine?: (line: string) => void) {
    this.#plan = plan
    this.#seed = seed
    this.maxPeers = plan.maxPeers
    this.pick = plan.pick
    this.content = makeContent(plan.pieceCount, plan.pieceLength)
    this.journal = new Journal(this.queue, onLine)
    this.#random = new SeededRandom(seed)
    this.#network = new Network(this.content.map, this.queue)
    this.#tracker = new SimTracker(this.queue, this.#random)
    this.#copied = new Bitfield(plan.pieceCount)
    this.hosts = plan.hosts.map((hostPlan, id) => new SimHost(id, hostPlan, seed, this))
    const { bytes } = this.#network
    this.#webServers = (plan.webServers ?? []).map(
      (serverPlan, at) =>
        new WebServer(this.hosts.length + at, serverPlan, {
          content: this.content,
          queue: this.queue,
          bytes,
        }),
    )
    for (const host of this.hosts) {
      this.#byAddress.set(host.address.host, host)
      if (isToFinish(host)) this.#unfinished++
      this.queue.plan(host.plan.joinMs, { run: () => this.#join(host) })
    }
  }

  /**
   * Runs to the end.
   * @throws {Violation} where an invariant does not hold
   */
  run(): SwarmResult {
    this.#sampleLater()
    if (this.#plan.lossesPerHour > 0) this.#loseLater()
    while (this.#unfinished > 0 && this.queue.now < this.#plan.limitMs && !this.#isStalled) {
      if (!this.queue.runNext()) break
      this.#network.flush()
    }
    checkConserved(this.hosts, this.#webServers, this.#network.bytes, this.queue.now)
    checkFinished(this.hosts, this.#webServers, this.queue.now)
    this.#sample()
    return {
      seed: this.#seed,
      plan: this.#plan,
      endedAt: this.queue.now,
      events: this.queue.ran,
      digest: this.journal.digest,
      bytes: this.#network.bytes,
      faults: this.#faults,
      seedBytesAtCopy: this.#seedBytesAtCopy,
      hosts: this.hosts.map(host => {
        const { wastedBytes, lateBytes } = host.torrent.downloader
        host.record.wasted = wastedBytes + lateBytes
        return host.record
      }),
      webServers: this.#webServers,
      samples: this.#samples,
    }
  }

  // For hosts.

  hostAt(address: PeerAddress): SimHost | undefined {
    return this.#byAddress.get(address.host)
  }

  connect(from: SimHost, address: PeerAddress): void {
    const to = this.hostAt(address)
    if (to === undefined) throw new RangeError(`no host has the address ${address.host}`)
    dial(this.#network, from, to, () => this.journal.note(CONNECTED, from.id, to.id))
  }

  onVerified(host: SimHost, piece: number): void {
    if (4 * host.record.pieces >= (this.#quarters + 1) * this.#plan.pieceCount) {
      this.#quarters++
      for (const { record } of this.hosts) record.piecesAtQuarters.push(record.pieces)
    }
    if (host.plan.behaviour === 'liar' || !this.#copied.add(piece) || !this.#copied.isFull) return
    this.#seedBytesAtCopy = this.#seedBytes()
  }

  onCompleted(host: SimHost): void {
    this.#complete++
    if (isToFinish(host)) this.#unfinished--
  }

  onDiskFull(host: SimHost): void {
    if (!host.isPresent) return
    this.#faults.fullDisks++
    this.journal.note(DISK_FULL, host.id)
    this.onLeaves(host)
  }

  onLeaves(host: SimHost): void {
    // Not within the call of the engine that caused it.
    this.queue.plan(this.queue.now, { run: () => this.#leave(host) })
  }

  #join(host: SimHost): void {
    host.join()
    for (const server of this.#webServers) server.connect(host)
    this.journal.note(JOINED, host.id)
    this.#tracker.join(host)
    if (host.plan.leaving.type === 'at') {
      this.queue.plan(Math.max(host.plan.leaving.ms, this.queue.now), { run: () => this.#leave(host) })
    }
  }

  #leave(host: SimHost): void {
    if (!host.isPresent) return
    this.#faults.departures++
    this.journal.note(LEFT, host.id)
    if (isToFinish(host) && host.record.completedAt === undefined) this.#unfinished--
    for (const server of this.#webServers) server.disconnect(host)
    host.leave()
    this.#tracker.leave(host)
  }

  #seedBytes(): number {
    let bytes = 0
    for (const { plan, record } of this.hosts) if (plan.isSeed) bytes += record.sent
    return bytes
  }

  // Faults and measurements.

  /** Loses a random connection from time to time. */
  #loseLater(): void {
    const meanMs = HOUR_MS / (this.#plan.lossesPerHour * this.hosts.length)
    this.queue.plan(this.queue.now + this.#random.below(2 * meanMs), {
      run: () => {
        const host = this.hosts[this.#random.below(this.hosts.length)]
        const wires = [...(host?.connections ?? [])]
        const wire = wires[this.#random.below(wires.length)]
        if (wire !== undefined) {
          this.#faults.lostConnections++
          wire.lose()
        }
        this.#loseLater()
      },
    })
  }

  #sampleLater(): void {
    this.queue.plan(this.queue.now, { run: () => this.#sample() })
    this.queue.plan(this.queue.now + SAMPLE_MS, { run: () => this.#sampleLater() })
  }

  #sample(): void {
    let pieces = 0
    for (const { plan, record } of this.hosts) if (!plan.isSeed) pieces += record.pieces
    this.#samples.push({
      timeMs: this.queue.now,
      complete: this.#complete,
      seedBytes: this.#seedBytes(),
      pieces,
    })
    if (this.#network.bytes.received > this.#lastReceived) {
      this.#lastReceived = this.#network.bytes.received
      this.#lastReceivedAt = this.queue.now
    }
    const everybodyIsThere = this.hosts.every(({ record }) => record.joinedAt !== undefined)
    this.#isStalled = everybodyIsThere && this.queue.now - this.#lastReceivedAt > STALLED_MS
  }
}

/** Whether the run waits for a host: liars are banned, and may never complete. */
function isToFinish({ plan }: SimHost): boolean {
  return !plan.isSeed && plan.behaviour !== 'liar'
}
