import type { PieceMap } from '../../protocol/metainfo/piece-map.js'
import type { EventQueue, SimEvent } from '../time/event-queue.js'
import type { Wire } from './wire.js'

/** Messages that arrive at the same time, whoever hears them. */
class Delivery implements SimEvent {
  readonly latencyMs: number
  readonly wires: Wire[] = []
  readonly counts: number[] = []

  constructor(latencyMs: number) {
    this.latencyMs = latencyMs
  }

  run(): void {
    for (const [i, wire] of this.wires.entries()) wire.deliverMessages(this.counts[i] ?? 0)
  }
}

/** Bytes of blocks, in the whole swarm. */
export interface ByteCounts {
  sent: number
  received: number
  /** On their way when their connection ended. */
  lost: number
  underWay: number
}

/** Carries what engines say: all that was said in one turn with the same latency arrives as one event. */
export class Network {
  readonly map: PieceMap
  readonly queue: EventQueue
  readonly bytes: ByteCounts = { sent: 0, received: 0, lost: 0, underWay: 0 }
  /** Wires on which something was said in this turn. */
  #wires: Wire[] = []

  constructor(map: PieceMap, queue: EventQueue) {
    this.map = map
    this.queue = queue
  }

  hasNews(wire: Wire): void {
    this.#wires.push(wire)
  }

  /** The end of a turn: sends what was said in it. */
  flush(): void {
    if (this.#wires.length === 0) return
    const wires = this.#wires
    this.#wires = []
    const deliveries: Delivery[] = []
    for (const wire of wires) {
      let delivery = deliveries.find(other => other.latencyMs === wire.latencyMs)
      if (delivery === undefined) {
        delivery = new Delivery(wire.latencyMs)
        deliveries.push(delivery)
        this.queue.plan(this.queue.now + wire.latencyMs, delivery)
      }
      delivery.wires.push(wire)
      delivery.counts.push(wire.takeNewCount())
    }
  }

  /** The hearer of a connection that its speaker ended gets to know of it when it has heard everything else. */
  endLater(wire: Wire): void {
    this.flush()
    this.queue.plan(this.queue.now + wire.latencyMs, { run: () => wire.hearEnd() })
  }
}
