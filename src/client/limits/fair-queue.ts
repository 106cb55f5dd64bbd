/** A member of a fair queue. */
export interface InTurn {
  /** Its start tag: the bytes that each member had at this position. Changed by the queue only. */
  due: number
}

/**
 * Start-time fair queuing (Goyal, Vin and Cheng 1996). The member with the fewest bytes is next, so that all get the same number
 * whatever the size of their parts. A member that did not wait for a while has no claim to the turns it missed.
 */
export class FairQueue<Member extends InTurn> {
  readonly #waiting = new Set<Member>()
  /** The start tag of the member that was served last. */
  #at = 0

  get isEmpty(): boolean {
    return this.#waiting.size === 0
  }

  add(member: Member): void {
    if (this.#waiting.has(member)) return
    member.due = Math.max(member.due, this.#at)
    this.#waiting.add(member)
  }

  delete(member: Member): void {
    this.#waiting.delete(member)
  }

  /** The next member of those that can use a turn. */
  first(canUse: (member: Member) => boolean): Member | undefined {
    let first: Member | undefined
    for (const member of this.#waiting) {
      if ((first === undefined || member.due < first.due) && canUse(member)) first = member
    }
    return first
  }

  /** Records that a member has had its turn, with `bytes` bytes. */
  served(member: Member, bytes: number): void {
    this.#waiting.delete(member)
    this.#at = Math.max(this.#at, member.due)
    member.due += bytes
  }
}
