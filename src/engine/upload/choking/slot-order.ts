import type { Random } from '../../../base/random.js'
import type { ChokingPolicy } from './policy.js'
import type { Standing } from './standing.js'

/**
 * Weights in the draw of an optimistic unchoke: a peer that connected within the last minute has three times the weight of others
 * (Cohen 2003), one in deficit a 16th.
 */
const NEW_PEER_MS = 60_000
const WEIGHTS = { newPeer: 48, other: 16, inDeficit: 1 }

/** Which of the waiting peers gets the next slot. */
export class SlotOrder {
  readonly #random: Random
  /** Beyond the slot count, the last slot went to the newest of all peers that waited. */
  #wasNewest = false

  constructor(random: Random) {
    this.#random = random
  }

  /**
   * Takes a peer for a regular slot: the first, at the address that has the fewest slots. Beyond the slot count every other slot
   * goes to the newest peer that never had a turn: it need not wait until all that came before it had an idle one.
   * @param isBeyond the slots are taken, some of them by idle peers
   */
  takeFirst(ranked: Standing[], policy: ChokingPolicy, isBeyond: boolean): Standing | undefined {
    let best = 0
    if (policy.sharesTurns) {
      const isNewest = isBeyond && !this.#wasNewest
      if (isBeyond) this.#wasNewest = isNewest
      for (const [index, standing] of ranked.entries()) {
        const first = ranked[best]
        if (first === undefined) break
        const fewer = first.group.slots - standing.group.slots
        if (fewer > 0 || (fewer === 0 && isNewest && isNewer(standing, first))) best = index
      }
    }
    return ranked.splice(best, 1)[0]
  }

  /**
   * Takes a peer for an optimistic unchoke at random: one that is neither penalized nor in deficit, if there is any, at one of
   * the addresses that have the fewest slots.
   */
  draw(all: Standing[], policy: ChokingPolicy, now: number, isBeyond: boolean): Standing {
    const isLater = (each: Standing) => each.isPenalized(now) || !policy.isInCredit(each)
    const first = leastOf(all, each => (isLater(each) ? 1 : 0))
    const fair = leastOf(first, each => each.group.slots)
    const drawn = this.#drawFrom(fair, policy, now, isBeyond)
    all.splice(all.indexOf(drawn), 1)
    return drawn
  }

  #drawFrom(standings: readonly Standing[], policy: ChokingPolicy, now: number, isBeyond: boolean): Standing {
    // Beyond the slot count, the newest and the oldest peer that never had a turn alternate.
    const untried = isBeyond ? standings.filter(isUntried) : []
    if (untried.length > 0) {
      this.#wasNewest = !this.#wasNewest
      return untried.reduce((a, b) => (this.#wasNewest === isNewer(b, a) ? b : a))
    }
    const weights = standings.map(standing => {
      if (!policy.isInCredit(standing)) return WEIGHTS.inDeficit
      return now - standing.peer.connectedAt < NEW_PEER_MS ? WEIGHTS.newPeer : WEIGHTS.other
    })
    let left = this.#random.below(weights.reduce((sum, weight) => sum + weight, 0))
    const index = weights.findIndex(weight => {
      left -= weight
      return left < 0
    })
    const drawn = standings[Math.max(0, index)]
    if (drawn === undefined) throw new RangeError('no peer to draw from')
    return drawn
  }
}

/** It never had a turn. */
function isUntried({ unchokedAt }: Standing): boolean {
  return unchokedAt === Number.NEGATIVE_INFINITY
}

/** It never had a turn, and connected later. */
function isNewer(standing: Standing, than: Standing): boolean {
  return isUntried(standing) && standing.peer.connectedAt > than.peer.connectedAt
}

/** Those for which a number is the least. */
function leastOf(standings: readonly Standing[], numberOf: (standing: Standing) => number): Standing[] {
  const numbers = standings.map(numberOf)
  const least = Math.min(...numbers)
  return standings.filter((_, index) => numbers[index] === least)
}
