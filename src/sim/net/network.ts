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
  /** Of that, what was added to last. */
  #last: Delivery | undefined
  /** Deliveries that are done, to be used again. */
  readonly #spare: Delivery[] = []

  constructor(map: PieceMap, queue: EventQueue) {
    this.map = map
    this.queue = queue
  }

  carry(wire: Wire, message: number, payload: Uint8Array | undefined): void {
    // Most of what is said in a turn takes equally long.
    const last = this.#last
    const delivery = last?.latencyMs === wire.latencyMs ? last : this.#deliveryIn(wire.latencyMs)
    delivery.add(wire, message, payload)
  }

  /** The end of a turn: what was said in it is under way. */
  flush(): void {
    if (this.#open.length === 0) return
    for (const delivery of this.#open) this.queue.plan(this.queue.now + delivery.latencyMs, delivery)
    this.#open.length = 0
    this.#last = undefined
  }

  #deliveryIn(latencyMs: number): Delivery {
    let delivery = this.#open.find(each => each.latencyMs === latencyMs)
    if (delivery === undefined) {
      delivery = this.#spare.pop() ?? new Delivery(done => this.#spare.push(done))
      delivery.latencyMs = latencyMs
      this.#open.push(delivery)
    }
    this.#last = delivery
    return delivery
  }

  /** The hearer of a connection that its speaker ended gets to know of it when it has heard everything else. */
  endLater(wire: Wire): void {
    this.flush()
    this.queue.plan(this.queue.now + wire.latencyMs, { run: () => wire.hearEnd() })
  }
}
