/**
 * Counts by key, and the key that has the highest. Every operation is constant time; a key whose count is 0 takes no
 * memory.
 */
export class CountRanking<Key> {
  readonly #counts = new Map<Key, number>()
  /** The keys that have each count. */
  readonly #keys = new Map<number, Set<Key>>()
  #highest = 0

  count(key: Key): number {
    return this.#counts.get(key) ?? 0
  }

  /** One of the keys with the highest count; undefined where there is none. */
  get first(): Key | undefined {
    for (const key of this.#keys.get(this.#highest) ?? []) return key
    return undefined
  }

  /** The highest count, 0 where there is no key. */
  get highest(): number {
    return this.#highest
  }

  increase(key: Key): void {
    const before = this.count(key)
    this.#move(key, before, before + 1)
    if (before === this.#highest) this.#highest++
  }

  /** Does nothing to a count that is 0. */
  decrease(key: Key): void {
    const before = this.count(key)
    if (before === 0) return
    this.#move(key, before, before - 1)
    // The key itself is now one below, so the next that has the highest is, too.
    if (before === this.#highest && !this.#keys.has(before)) this.#highest--
  }

  #move(key: Key, from: number, to: number): void {
    const left = this.#keys.get(from)
    const joined = this.#keys.get(to)
    left?.delete(key)
    if (left?.size === 0) this.#keys.delete(from)
    if (to === 0) {
      this.#counts.delete(key)
      return
    }
    this.#counts.set(key, to)
    if (joined !== undefined) joined.add(key)
    // A set that is not needed any more is used again: a key that climbs alone makes no new one at each step.
    else this.#keys.set(to, (left?.size === 0 ? left : new Set<Key>()).add(key))
  }
}
