/** Few requests to most peers of a swarm are under way at a time. */
const FIRST_CAPACITY = 8
const NO_SLOTS = new Int32Array(0)

/**
 * The blocks requested from one peer and not yet answered, oldest first: a ring in a typed array, since every block passes
 * through it and answers nearly always come in order. It grows as it is filled.
 */
export class RequestQueue {
  readonly #capacity: number
  #mask = -1
  /** Two numbers for each request: its piece; its block times two, plus 1 where it was given back although an answer may still come. */
  #slots = NO_SLOTS
  #releasedCount = 0
  #head = 0
  #length = 0

  /** @param capacity a power of two */
  constructor(capacity: number) {
    this.#capacity = capacity
  }

  get length(): number {
    return this.#length
  }

  /** Requests that were not given back. */
  get awaitedCount(): number {
    return this.#length - this.#releasedCount
  }

  get releasedCount(): number {
    return this.#releasedCount
  }

  /** How many more requests it can take. */
  get room(): number {
    return this.#capacity - this.#length
  }

  push(piece: number, block: number): void {
    if (this.#length === this.#capacity) throw new RangeError('request queue is full')
    if (this.#length > this.#mask) this.#grow()
    const slot = this.#slotOf(this.#length++)
    this.#slots[slot] = piece
    this.#slots[slot + 1] = 2 * block
  }

  /** Position of a request, the oldest first; −1 where there is none. */
  find(piece: number, block: number): number {
    for (let position = 0; position < this.#length; position++) {
      const slot = this.#slotOf(position)
      if (this.#slots[slot] === piece && (this.#slots[slot + 1] ?? 0) >>> 1 === block) return position
    }
    return -1
  }

  pieceAt(position: number): number {
    return this.#slots[this.#slotOf(position)] ?? -1
  }

  blockAt(position: number): number {
    return (this.#slots[this.#slotOf(position) + 1] ?? 0) >>> 1
  }

  isReleased(position: number): boolean {
    return ((this.#slots[this.#slotOf(position) + 1] ?? 0) & 1) === 1
  }

  release(position: number): void {
    if (this.isReleased(position)) return
    this.#slots[this.#slotOf(position) + 1] = 2 * this.blockAt(position) + 1
    this.#releasedCount++
  }

  removeAt(position: number): void {
    if (this.isReleased(position)) this.#releasedCount--
    if (position === this.#length - 1) {
      this.#length--
      return
    }
    // Those before it move up: there are few, as answers come in order.
    for (let i = position; i > 0; i--) {
      const to = this.#slotOf(i)
      const from = this.#slotOf(i - 1)
      this.#slots[to] = this.#slots[from] ?? 0
      this.#slots[to + 1] = this.#slots[from + 1] ?? 0
    }
    this.#head = (this.#head + 1) & this.#mask
    this.#length--
  }

  /** Moves all requests that were given back to `target`. */
  moveReleased(target: { add(piece: number, block: number): void }): void {
    for (let position = this.#length - 1; this.#releasedCount > 0; position--) {
      if (!this.isReleased(position)) continue
      target.add(this.pieceAt(position), this.blockAt(position))
      this.removeAt(position)
    }
  }

  clear(): void {
    this.#head = 0
    this.#length = 0
    this.#releasedCount = 0
  }

  /** Where the numbers of a request are. */
  #slotOf(position: number): number {
    return ((this.#head + position) & this.#mask) * 2
  }

  #grow(): void {
    const size = Math.min(this.#capacity, Math.max(FIRST_CAPACITY, 2 * this.#mask + 2))
    const slots = new Int32Array(2 * size)
    for (let position = 0; position < this.#length; position++) {
      const slot = this.#slotOf(position)
      slots[2 * position] = this.#slots[slot] ?? 0
      slots[2 * position + 1] = this.#slots[slot + 1] ?? 0
    }
    this.#slots = slots
    this.#mask = size - 1
    this.#head = 0
  }
}
