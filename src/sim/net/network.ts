import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import type { EventQueue } from '../time/event-queue.js'
import { Delivery } from './delivery.js'
import type { ByteCounts, Wire } from './wire.js'

/** Carries what engines say: all that is said in one turn with the same latency arrives as one event. */
export class Network {
  readonly map: PieceMap
  readonly queue: EventQueue
  readonly bytes: ByteCounts = { sent: 0, received: 0, lost: 0, underWay: 0, messages: 0 }
  /** What was said in this turn. */
  readonly #open: Delivery[] = []
  /** Deliveries that are done, to be used again. */
  readonly #spare: Delivery[] = []

  constructor(map: PieceMap, queue: EventQueue) {
    this.map = map
    this.queue = queue
  }

  carry(wire: Wire, message: number, payload: Uint8Array | undefined): void {
    let delivery = this.#open.find(({ latencyMs }) => latencyMs === wire.latencyMs)
    if (delivery === undefined) {
      delivery = this.#spare.pop() ?? new Delivery(done => this.#spare.push(done))
      delivery.latencyMs = wire.latencyMs
      this.#open.push(delivery)
    }
    delivery.add(wire, message, payload)
  }

  /** The end of a turn: what was said in it is under way. */
  flush(): void {
    if (this.#open.length === 0) return
    for (const delivery of this.#open) this.queue.plan(this.queue.now + delivery.latencyMs, delivery)
    this.#open.length = 0
  }

  /** The hearer of a connection that its speaker ended gets to know of it when it has heard everything else. */
  endLater(wire: Wire): void {
    this.flush()
    this.queue.plan(this.queue.now + wire.latencyMs, { run: () => wire.hearEnd() })
  }
}
