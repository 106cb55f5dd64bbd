/** Who waits in a fair queue. */
export interface InTurn {
  /** Where it stands: the bytes that each had who came this far. The queue's alone to change. */
  due: number
}

/**
 * Those who wait for their turn: start-time fair queuing (Goyal, Vin and Cheng 1996). Next is who had the fewest bytes, so
 * that all get the same number whatever the size of their parts; who did not wait for a while has no claim to what it missed.
 */
export class FairQueue<Member extends InTurn> {
  readonly #waiting = new Set<Member>()
  /** Where the last one stood whose turn it was. */
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

  /** Of those who can use it, the one whose turn it is. */
  first(canUse: (member: Member) => boolean): Member | undefined {
    let first: Member | undefined
    for (const member of this.#waiting) {
      if ((first === undefined || member.due < first.due) && canUse(member)) first = member
    }
    return first
  }

  /** It has had its turn, and so many bytes in it. */
  served(member: Member, bytes: number): void {
    this.#waiting.delete(member)
    this.#at = Math.max(this.#at, member.due)
    member.due += bytes
  }
}
