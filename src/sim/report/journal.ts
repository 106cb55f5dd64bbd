import type { EventQueue } from '../time/event-queue.js'

/** What is written down of a run: the kind of a happening, as its index here, a host, and up to two more numbers. */
const HAPPENINGS = [
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
] as const

export type Happening = (typeof HAPPENINGS)[number]

const INDEX_OF = new Map<Happening, number>(HAPPENINGS.map((happening, index) => [happening, index]))

/** Index of a happening, found once rather than at each of millions. */
export function indexOf(happening: Happening): number {
  return INDEX_OF.get(happening) ?? -1
}

/** Keeps a digest of all that happens, in its order: two runs are the same where it is. Tells a listener of each happening. */
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

  note(happening: number, host: number, a = 0, b = 0): void {
    this.#time[0] = this.#queue.now
    this.#mix(this.#timeWords[0] ?? 0)
    this.#mix(this.#timeWords[1] ?? 0)
    this.#mix(happening * 0x1000003 + host)
    this.#mix(a)
    this.#mix(b)
    this.#onLine?.(`${(this.#queue.now / 1_000).toFixed(6)} ${host} ${HAPPENINGS[happening] ?? ''} ${a} ${b}`)
  }

  #mix(word: number): void {
    this.#low = Math.imul((this.#low ^ word) + ((this.#high << 13) | (this.#high >>> 19)), 0xcc9e2d51)
    this.#high = Math.imul(this.#high ^ (this.#low >>> 15) ^ word, 0x1b873593)
  }
}
