/** Slots at the beginning, and the least number. */
export const MIN_SLOTS = 5

/** A step up adds half of the slots, a step down undoes one. */
const STEP = 1.5

/** Part of the possible gain that more slots have to bring, and that fewer slots may cost. */
const WORTH = 1 / 3

/** Rounds until the next try after one that gained too little: 2, then twice as many each time, up to 24. */
const FIRST_PAUSE = 2
const LONGEST_PAUSE = 24

/** Two rounds are steady where their bytes differ by at most this part: only then can a change be judged. */
const STEADY = 0.15

type Search =
  /** Tries again after `rounds`; `sent` are the bytes of the last round, undefined where nothing can be learnt from it. */
  | { readonly type: 'resting'; readonly rounds: number; readonly sent: number | undefined }
  /** `sent` are the bytes that `from` slots sent in a round, before the number was changed. */
  | { readonly type: 'trying'; readonly from: number; readonly sent: number }

/**
 * How many peers are unchoked at a time, found by trying. Where half as many slots again make us send more, the peers could not
 * fill our line, and the slots stay. Where the new slots only share the same line, they go, since one whole piece at one peer
 * is worth more to the swarm than two halves. So a few fast peers have the line to themselves, and hundreds of slow ones fill
 * it together.
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
   * @param isScarce all slots were taken, and a peer waited for one
   */
  onRound(sent: number, isScarce: boolean): void {
    const search = this.#search
    if (!isScarce || sent === 0) {
      // Nothing can be learnt, and free slots harm no peer.
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
    // The change in bytes if each peer took the same as before.
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
