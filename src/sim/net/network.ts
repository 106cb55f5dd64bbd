import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import type { EventQueue } from '../time/event-queue.js'
import { Delivery } from './delivery.js'
import type { ByteCounts, Wire } from './wire.js'

/** Carries messages: those sent in one turn with the same latency arrive as one event. */
export class Network {
  readonly map: PieceMap
  readonly queue: EventQueue
  readonly bytes: ByteCounts = { sent: 0, received: 0, lost: 0, underWay: 0, messages: 0 }
  /** Deliveries of this turn. */
  readonly #open: Delivery[] = []
  /** The delivery of this turn that was added to last. */
  #last: Delivery | undefined
  /** Deliveries to reuse. */
  readonly #spare: Delivery[] = []

  constructor(map: PieceMap, queue: EventQueue) {
    this.map = map
    this.queue = queue
  }

  carry(wire: Wire, message: number, payload: Uint8Array | undefined): void {
    // Most messages of a turn have the same latency.
    const last = this.#last
    const delivery = last?.latencyMs === wire.latencyMs ? last : this.#deliveryIn(wire.latencyMs)
    delivery.add(wire, message, payload)
  }

  /** The end of a turn: its messages are under way. */
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

  /** The receiver of a connection that the sender has closed learns so after all messages. */
  endLater(wire: Wire): void {
    this.flush()
    this.queue.plan(this.queue.now + wire.latencyMs, { run: () => wire.endAtReceiver() })
  }
}
