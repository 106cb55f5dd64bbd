import type { SimEvent } from '../time/event-queue.js'
import type { Wire } from './wire.js'

const NO_PAYLOAD = new Uint8Array()

/** Messages that arrive at the same time, in the order in which they were sent, one behind the other in memory. */
export class Delivery implements SimEvent {
  latencyMs = 0
  readonly #onDone: (delivery: Delivery) => void
  readonly #wires: Wire[] = []
  readonly #messages: number[] = []
  /** Payloads of the few messages that have one, by their position. */
  readonly #payloads = new Map<number, Uint8Array>()
  /** Messages of this delivery; entries behind them belong to an earlier one. */
  #count = 0

  /** @param onDone may reuse the delivery */
  constructor(onDone: (delivery: Delivery) => void) {
    this.#onDone = onDone
  }

  add(wire: Wire, message: number, payload: Uint8Array | undefined): void {
    const position = this.#count++
    this.#wires[position] = wire
    this.#messages[position] = message
    if (payload !== undefined) this.#payloads.set(position, payload)
  }

  run(): void {
    for (let position = 0; position < this.#count; position++) {
      const wire = this.#wires[position]
      if (wire === undefined) break
      const payload = this.#payloads.size === 0 ? undefined : this.#payloads.get(position)
      wire.hear(this.#messages[position] ?? 0, payload ?? NO_PAYLOAD)
      const isLast = position + 1 === this.#count || this.#wires[position + 1] !== wire
      if (isLast) wire.endTurn()
    }
    this.#payloads.clear()
    this.#count = 0
    this.#onDone(this)
  }
}
