/** Turns of peers that left are remembered for 10 min: 32 of one address, and 4,096 addresses. */
const MEMORY_MS = 600_000
const MAX_DEPARTED = 32
const MAX_GROUPS = 4_096

/** The slots and turns of the peers of one address, or /64. */
export interface Group {
  readonly name: string
  /** Slots that its peers have now. */
  slots: number
  /** Connected peers that have a standing. */
  present: number
  /** Peers that left, the one that left first in front. */
  readonly departed: { readonly turn: Turn; readonly leftAt: number }[]
}

/** The facts about a peer that are kept when it leaves. */
export interface Turn {
  /** When it was last unchoked, or −∞. */
  unchokedAt: number
  /** Turns in a row in which it read nothing. */
  wasted: number
  /** Until then other peers go before it. */
  penalizedUntil: number
}

/**
 * Remembers the turns of peers that left, by address: the next peer from that address takes one of them over. So a peer does not
 * get to the head of the queue, or rid of a penalty, by reconnecting under another peer id.
 */
export class TurnMemory {
  readonly #groups = new Map<string, Group>()

  /** The group of a new peer, and the turn that it takes over. */
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
        penalizedUntil: Number.NEGATIVE_INFINITY,
      },
    }
  }

  /** A peer leaves. */
  leave({ group, turn }: { readonly group: Group; readonly turn: Turn }, now: number): void {
    group.present--
    // There is nothing to remember of a peer that never had a turn.
    if (turn.unchokedAt > Number.NEGATIVE_INFINITY) group.departed.push({ turn, leftAt: now })
    if (group.departed.length > MAX_DEPARTED) group.departed.shift()
    if (group.present === 0 && group.departed.length === 0) this.#groups.delete(group.name)
  }

  /** Makes a group the newest; where there are too many, the oldest one without connected peers is forgotten. */
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
