import type { Slot, Standing } from './standing.js'

/** The peers that have a slot, in the order in which they got it: a handful. */
export class SlotHolders {
  readonly #standings = new Set<Standing>()

  get count(): number {
    return this.#standings.size
  }

  /** Those that are not idle. */
  get busyCount(): number {
    let busy = 0
    for (const { isIdle } of this.#standings) if (!isIdle) busy++
    return busy
  }

  /** Those that are not idle and have a regular slot. */
  get busyRegularCount(): number {
    let busy = 0
    for (const { slot, isIdle } of this.#standings) if (slot === 'regular' && !isIdle) busy++
    return busy
  }

  [Symbol.iterator](): Iterator<Standing> {
    return this.#standings[Symbol.iterator]()
  }

  where(predicate: (standing: Standing) => boolean): Standing[] {
    const found: Standing[] = []
    for (const standing of this.#standings) if (predicate(standing)) found.push(standing)
    return found
  }

  give(standing: Standing, slot: Slot): void {
    standing.slot = slot
    this.#standings.add(standing)
  }

  /** Takes the slot back without choking the peer: within a round it may get one again. */
  withdraw(standing: Standing): void {
    standing.slot = undefined
    this.#standings.delete(standing)
  }

  choke(standing: Standing): void {
    this.withdraw(standing)
    standing.choke()
  }
}
