/** Few requests to most peers of a swarm are under way at a time. */
const FIRST_CAPACITY = 16
const NO_INTS = new Int32Array(0)
const NO_BYTES = new Uint8Array(0)

/**
 * The blocks requested from one peer and not yet answered, oldest first: a ring in typed arrays, since every block passes
 * through it and answers nearly always come in order. It grows as it is filled.
 */
export class RequestQueue {
  readonly #capacity: number
  #mask = -1
  #pieces = NO_INTS
  #blocks = NO_INTS
  /** 1 where the block was given back to the picker although an answer may still come. */
  #released = NO_BYTES
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
    const slot = (this.#head + this.#length++) & this.#mask
    this.#pieces[slot] = piece
    this.#blocks[slot] = block
    this.#released[slot] = 0
  }

  /** Position of a request, the oldest first; −1 where there is none. */
  find(piece: number, block: number): number {
    for (let position = 0; position < this.#length; position++) {
      const slot = (this.#head + position) & this.#mask
      if (this.#blocks[slot] === block && this.#pieces[slot] === piece) return position
    }
    return -1
  }

  pieceAt(position: number): number {
    return this.#pieces[(this.#head + position) & this.#mask] ?? -1
  }

  blockAt(position: number): number {
    return this.#blocks[(this.#head + position) & this.#mask] ?? -1
  }

  isReleased(position: number): boolean {
    return this.#released[(this.#head + position) & this.#mask] === 1
  }

  release(position: number): void {
    if (this.isReleased(position)) return
    this.#released[(this.#head + position) & this.#mask] = 1
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
      const to = (this.#head + i) & this.#mask
      const from = (this.#head + i - 1) & this.#mask
      this.#pieces[to] = this.#pieces[from] ?? 0
      this.#blocks[to] = this.#blocks[from] ?? 0
      this.#released[to] = this.#released[from] ?? 0
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

  #grow(): void {
    const size = Math.min(this.#capacity, Math.max(FIRST_CAPACITY, 2 * this.#mask + 2))
    const pieces = new Int32Array(size)
    const blocks = new Int32Array(size)
    const released = new Uint8Array(size)
    for (let position = 0; position < this.#length; position++) {
      pieces[position] = this.pieceAt(position)
      blocks[position] = this.blockAt(position)
      released[position] = this.isReleased(position) ? 1 : 0
    }
    this.#pieces = pieces
    this.#blocks = blocks
    this.#released = released
    this.#mask = size - 1
    this.#head = 0
  }
}
