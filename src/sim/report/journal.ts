import type { EventQueue } from '../time/event-queue.js'

/** Kinds of events. An event is its kind, as an index here, a host, and up to two numbers. */
const EVENTS = [
  'joined',
  'left',
  'connected to',
  'sent block to',
  'has block from',
  'verified piece',
  'found piece bad',
  'completed',
  'banned',
  'disk is full',
  'announced',
  'looked up',
] as const

export type EventKind = (typeof EVENTS)[number]

const INDEX_OF = new Map<EventKind, number>(EVENTS.map((kind, index) => [kind, index]))

/** The index of a kind, looked up once rather than for each of millions of events. */
export function indexOf(kind: EventKind): number {
  return INDEX_OF.get(kind) ?? -1
}

/** Keeps a digest of all events, in order: two runs with the same digest are the same. Tells a listener of each event. */
export class Journal {
  readonly #queue: EventQueue
  readonly #onLine: ((line: string) => void) | undefined
  readonly #time = new Float64Array(1)
  readonly #timeWords = new Uint32Array(this.#time.buffer)
  #low = 0x9e3779b9
  #high = 0x85ebca6b

  constructor(queue: EventQueue, onLine?: (line: string) => void) {
    this.#queue = queue
    this.#onLine = onLine
  }

  /** 16 hexadecimal digits. */
  get digest(): string {
    return [this.#high, this.#low].map(word => (word >>> 0).toString(16).padStart(8, '0')).join('')
  }

  note(kind: number, host: number, a = 0, b = 0): void {
    this.#time[0] = this.#queue.now
    this.#mix(this.#timeWords[0] ?? 0)
    this.#mix(this.#timeWords[1] ?? 0)
    this.#mix(kind * 0x1000003 + host)
    this.#mix(a)
    this.#mix(b)
    this.#onLine?.(`${(this.#queue.now / 1_000).toFixed(6)} ${host} ${EVENTS[kind] ?? ''} ${a} ${b}`)
  }

  #mix(word: number): void {
    this.#low = Math.imul((this.#low ^ word) + ((this.#high << 13) | (this.#high >>> 19)), 0xcc9e2d51)
    this.#high = Math.imul(this.#high ^ (this.#low >>> 15) ^ word, 0x1b873593)
  }
}
