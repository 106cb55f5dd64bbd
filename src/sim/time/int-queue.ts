const FIRST_CAPACITY = 8

/** Shared by all queues that were never used: there are many. */
const NOTHING: number[] = []

/** Whole numbers, first in first out, in a ring that grows: a plain array, since a typed one of this size takes twice the memory. */
export class IntQueue {
  #ring = NOTHING
  #head = 0
  #length = 0

  get length(): number {
    return this.#length
  }

  push(value: number): void {
    if (this.#length === this.#ring.length) this.#grow()
    this.#ring[(this.#head + this.#length++) & (this.#ring.length - 1)] = value
  }

  /** Removes and returns the oldest; −1 where there is none. */
  shift(): number {
    if (this.#length === 0) return -1
    const value = this.#ring[this.#head] ?? -1
    this.#head = (this.#head + 1) & (this.#ring.length - 1)
    this.#length--
    return value
  }

  /** Removes the oldest that is equal to `value`; false where there is none. */
  remove(value: number): boolean {
    const mask = this.#ring.length - 1
    for (let position = 0; position < this.#length; position++) {
      if (this.#ring[(this.#head + position) & mask] !== value) continue
      // Those before it move up; mostly there are none.
      for (let i = position; i > 0; i--) {
        this.#ring[(this.#head + i) & mask] = this.#ring[(this.#head + i - 1) & mask] ?? 0
      }
      this.shift()
      return true
    }
    return false
  }

  #grow(): void {
    const ring = new Array<number>(Math.max(FIRST_CAPACITY, this.#ring.length * 2)).fill(0)
    for (let i = 0; i < this.#length; i++) {
      ring[i] = this.#ring[(this.#head + i) & (this.#ring.length - 1)] ?? 0
    }
    this.#ring = ring
    this.#head = 0
  }
}
