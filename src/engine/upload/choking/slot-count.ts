/** Slots to begin with, and the fewest there are. */
export const MIN_SLOTS = 5

/** A step up is by half of the slots, a step down undoes one. */
const STEP = 1.5

/** Part of what more slots could bring that they have to bring, and that fewer may cost. */
const WORTH = 1 / 3

/** Rounds until the next try after one that did not pay; they double up to the second number. */
const FIRST_PAUSE = 2
const LONGEST_PAUSE = 24

/** Two rounds in which we sent the same but for this part: only then a difference says something. */
const STEADY = 0.15

type Search =
  /** Tries again after some rounds; what was sent in the last one, if it said something. */
  | { readonly type: 'resting'; readonly rounds: number; readonly sent: number | undefined }
  /** What `from` slots sent in a round, before there were more or fewer. */
  | { readonly type: 'trying'; readonly from: number; readonly sent: number }

/**
 * How many peers may download at a time, found by trying: where half as many slots again make us send more, peers cannot
 * take all that our line could give, and the slots stay; where they only share the same line, they go, since a piece that
 * one peer has whole is worth more to the swarm than two halves. So a few fast peers have the line to themselves, and hundreds
 * of slow ones fill it together.
 */
export class SlotCount {
  #count = MIN_SLOTS
  #search: Search = { type: 'resting', rounds: FIRST_PAUSE, sent: undefined }
  #pause = FIRST_PAUSE
  #direction: 'up' | 'down' = 'up'

  get count(): number {
    return this.#count
  }

  /**
   * @param sent bytes of blocks to all peers in the round that has passed
   * @param isScarce all slots were taken, and someone waited for one
   */
  onRound(sent: number, isScarce: boolean): void {
    const search = this.#search
    if (!isScarce || sent === 0) {
      // Nothing can be learnt, and nobody is hurt by slots that are free.
      this.#rest(undefined)
    } else if (search.type === 'trying') {
      this.#judge(search, sent)
    } else if (search.rounds > 1 || search.sent === undefined || !isSteady(search.sent, sent)) {
      this.#search = { type: 'resting', rounds: Math.max(1, search.rounds - 1), sent }
    } else {
      this.#try(sent)
    }
  }

  #judge({ from, sent: before }: Search & { type: 'trying' }, sent: number): void {
    // What so many slots more, or fewer, would make if each peer took the same as before.
    const change = (this.#count / from - 1) * before
    const isWorthIt = sent > before + change * WORTH
    if (!isWorthIt) this.#count = from
    if (isWorthIt && this.#count > MIN_SLOTS) {
      this.#pause = FIRST_PAUSE
      this.#try(sent)
      return
    }
    this.#direction = this.#direction === 'up' && this.#count > MIN_SLOTS ? 'down' : 'up'
    this.#rest(sent)
    this.#pause = Math.min(LONGEST_PAUSE, this.#pause * 2)
  }

  #try(sent: number): void {
    const from = this.#count
    this.#count =
      this.#direction === 'up' ? Math.floor(from * STEP) : Math.max(MIN_SLOTS, Math.ceil(from / STEP))
    this.#search = { type: 'trying', from, sent }
  }

  #rest(sent: number | undefined): void {
    this.#search = { type: 'resting', rounds: this.#pause, sent }
  }
}

function isSteady(a: number, b: number): boolean {
  return Math.abs(a - b) <= STEADY * Math.max(a, b)
}
