/** Turns of peers that left are remembered for so long, and no more of one address, nor of more addresses. */
const MEMORY_MS = 600_000
const MAX_DEPARTED = 32
const MAX_GROUPS = 4_096

/** The peers of one address, or /64, as far as slots are concerned. */
export interface Group {
  readonly name: string
  /** Slots that its peers have now. */
  slots: number
  /** Peers that are here and have a standing. */
  present: number
  /** Those that left, the one that left first in front. */
  readonly departed: { readonly turn: Turn; readonly leftAt: number }[]
}

/** What a peer has had of us, and what it lost. */
export interface Turn {
  /** When it was last let in, or −∞. */
  unchokedAt: number
  /** Turns in a row in which it moved nothing. */
  wasted: number
  /** Until then others go before it. */
  sitsOutUntil: number
}

/**
 * Remembers the turns of peers that left, by address: a peer that comes from there takes over where one of them stood. So nobody
 * comes to the head of the queue, or out of a penalty, by connecting anew under another name.
 */
export class TurnMemory {
  readonly #groups = new Map<string, Group>()

  /** The group of a peer that comes, and the turn that it takes over. */
  enter(name: string, now: number): { group: Group; turn: Turn } {
    const group = this.#groups.get(name) ?? { name, slots: 0, present: 0, departed: [] }
    group.present++
    this.#touch(group)
    let departed = group.departed.shift()
    while (departed !== undefined && now - departed.leftAt > MEMORY_MS) departed = group.departed.shift()
    return {
      group,
      turn: departed?.turn ?? {
        unchokedAt: Number.NEGATIVE_INFINITY,
        wasted: 0,
        sitsOutUntil: Number.NEGATIVE_INFINITY,
      },
    }
  }

  /** A peer leaves. */
  leave({ group, turn }: { readonly group: Group; readonly turn: Turn }, now: number): void {
    group.present--
    // A peer that never had a turn leaves nothing to remember.
    if (turn.unchokedAt > Number.NEGATIVE_INFINITY) group.departed.push({ turn, leftAt: now })
    if (group.departed.length > MAX_DEPARTED) group.departed.shift()
    if (group.present === 0 && group.departed.length === 0) this.#groups.delete(group.name)
  }

  /** Makes it the newest; of those that nobody is here of, the oldest goes where there are too many. */
  #touch(group: Group): void {
    this.#groups.delete(group.name)
    this.#groups.set(group.name, group)
    if (this.#groups.size <= MAX_GROUPS) return
    for (const [name, { present }] of this.#groups) {
      if (present > 0) continue
      this.#groups.delete(name)
      return
    }
  }
}
