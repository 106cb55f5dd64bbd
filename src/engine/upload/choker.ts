import type { Random } from '../../base/random.js'
import type { ChokingMoment, ChokingPolicy } from './choking/policy.js'
import { makeSeedPolicy, type SeedChoker } from './choking/seed-choker.js'
import { SlotCount } from './choking/slot-count.js'
import { type ChokablePeer, Standing } from './choking/standing.js'
import { titForTat } from './choking/tit-for-tat.js'
import { TurnMemory } from './choking/turn-memory.js'

export interface ChokerOptions {
  /** Peers that may download at a time; undefined: as many as it takes to fill our line. */
  readonly slots: number | undefined
  readonly seedChoker: SeedChoker
}

export interface ChokerBytes {
  /** Lent to a peer that gave nothing yet. */
  readonly credit: number
  /** What a peer may take from a seeder in its turn. */
  readonly quota: number
}

/** A round of the choker, and how many rounds an optimistic unchoke lasts (Cohen 2003). */
export const ROUND_MS = 10_000
const ROUNDS_PER_OPTIMISTIC = 3

/**
 * One slot of so many is optimistic: one of five by default. Where there is but one, it is optimistic in one round of so many, and
 * earned in the others.
 */
const SLOTS_PER_OPTIMISTIC = 5

/** So many times as many as there are slots may be let in where most of them make no use of it. */
const MAX_IDLE = 16

/** Peers that are tried for each one that was let in and moves nothing, once those are more than half as many as there are slots. */
const TRIALS = 3

/**
 * Tickets for a slot that luck gives away: a peer counts as a newcomer for its first minute, and has three times as many as
 * others; who was lent something and gave nothing has next to none.
 */
const NEWCOMER_MS = 60_000
const TICKETS = { newcomer: 48, other: 16, debtor: 1 }

/** How things are when the choker is asked. */
export interface ChokerMoment<Peer> extends ChokingMoment {
  readonly isSeeding: boolean
  /** Whether it has much from us as a seeder that it passed on to nobody. */
  owes(peer: Peer): boolean
}

/**
 * Who may download from us. While leeching: tit for tat, the slots go to those who send us most, and one in five goes round
 * among the others, so that a better partner can be found and a newcomer has a start (Cohen 2003). When seeding: a policy of
 * `choking/`. Slots that become free within a round are given away at once.
 *
 * A slot is for moving bytes. A peer that asks for nothing, or takes nothing of what it asked for, does not keep others out:
 * more are let in beside it, and after ten seconds it loses its turn to one that waits. Nor does a peer get ahead by
 * connecting anew, or under many names from one address: those share the turns of that address (`turn-memory.ts`).
 */
export class Choker<Peer extends ChokablePeer> {
  readonly #random: Random
  readonly #slots: { readonly count: number }
  readonly #search: SlotCount | undefined
  readonly #leechPolicy: ChokingPolicy
  readonly #seedPolicy: ChokingPolicy
  /** Those who have a slot, in the order in which they got it: a handful. */
  readonly #admitted = new Set<Standing>()
  readonly #turns = new TurnMemory()
  #round = 0
  /** Who was let in last beside those that make no use of their slots was the newest of all that waited. */
  #wasNewest = false

  constructor({ slots, seedChoker }: ChokerOptions, { credit, quota }: ChokerBytes, random: Random) {
    this.#random = random
    this.#leechPolicy = titForTat(credit)
    this.#search = slots === undefined ? new SlotCount() : undefined
    this.#slots = this.#search ?? { count: slots ?? 0 }
    this.#seedPolicy = makeSeedPolicy(seedChoker, quota)
  }

  /** How many peers may be unchoked at a time. */
  get slots(): number {
    return this.#slots.count
  }

  get unchokedCount(): number {
    return this.#admitted.size
  }

  /** Of those who may download, how many do: who asks for nothing takes no slot from others. */
  get busyCount(): number {
    let busy = 0
    for (const standing of this.#admitted) if (!standing.isIdle) busy++
    return busy
  }

  /** Of them, those who earned their slots. */
  get #busyEarners(): number {
    let busy = 0
    for (const { slot, isIdle } of this.#admitted) if (slot === 'earned' && !isIdle) busy++
    return busy
  }

  /** Whether it may download now. */
  isUnchoked(peer: Peer): boolean {
    return peer.standing?.slot !== undefined
  }

  /** Call every `ROUND_MS`: deals out the slots anew. */
  round(peers: Iterable<Peer>, moment: ChokerMoment<Peer>): void {
    this.#round++
    const interested: Standing[] = []
    let taken = 0
    for (const peer of peers) {
      const standing = this.#standingOf(peer, moment.now)
      standing.onRound()
      taken += standing.taken
      if (!peer.isInterested) continue
      standing.owes = moment.owes(peer)
      interested.push(standing)
    }
    this.#search?.onRound(taken, interested.length > this.slots)
    const before = [...this.#admitted]
    for (const standing of before) if (standing.slot === 'earned') this.#withdraw(standing)
    this.#endLuck(this.#policy(moment))
    this.#fill(interested, moment, 0)
    for (const standing of before) if (standing.slot === undefined) standing.choke()
  }

  /** Call once a second, and `fillVacancies` after it: notices which peers make no use of their slots. */
  onSecond(peers: Iterable<Peer>, now: number): void {
    for (const { standing } of peers) standing?.onSecond(now)
  }

  /**
   * Gives away the slots that are free, those that nobody had earned, where somebody has come who earned one, or waits who
   * was lent less, and those in which nothing moves.
   * @param peers all, whoever has a slot already
   * @returns whether anybody got or lost a slot
   */
  fillVacancies(peers: Iterable<Peer>, moment: ChokerMoment<Peer>): boolean {
    const policy = this.#policy(moment)
    const sated = this.#thoseWho(({ peer }) => !peer.isInterested)
    for (const standing of sated) this.#dismiss(standing)
    const debtors = this.#luckyDebtors(policy)
    const lost = this.#thoseWho(each => each.hasLostItsTurn(moment.now) && !policy.mayRest(each))
    const useless = this.#thoseWho(each => each.isUseless(moment.now))
    const failed = useless.filter(each => !policy.mayRest(each)).length
    const trials = 2 * failed > this.slots ? TRIALS * failed : 0
    const isFull = this.busyCount >= this.slots + trials
    const isCrowded = !isFull && this.unchokedCount >= MAX_IDLE * this.slots
    const isSettled = isFull && this.#busyEarners >= this.#regularSlots(moment)
    if (debtors.length === 0 && lost.length === 0 && isSettled) return sated.length > 0
    const waiting: Standing[] = []
    for (const peer of peers) {
      if (!peer.isInterested || this.isUnchoked(peer)) continue
      const standing = this.#standingOf(peer, moment.now)
      standing.owes = moment.owes(peer)
      waiting.push(standing)
    }
    if (waiting.length === 0) return sated.length > 0
    const unused = isCrowded ? useless.slice(0, waiting.length) : []
    for (const standing of new Set([...lost, ...unused])) {
      this.#dismiss(standing)
      standing.loseTurn(moment.now)
    }
    const areReplaced = debtors.length > 0 && waiting.some(each => policy.deservesLuck(each))
    if (areReplaced) for (const debtor of debtors) this.#dismiss(debtor)
    this.#fill(waiting, moment, trials)
    return (
      areReplaced ||
      sated.length + lost.length + unused.length > 0 ||
      waiting.some(({ slot }) => slot !== undefined)
    )
  }

  /** Those who were lucky, and have had what they were lent. */
  #luckyDebtors(policy: ChokingPolicy): Standing[] {
    return this.#thoseWho(standing => standing.slot === 'lucky' && !policy.deservesLuck(standing))
  }

  /** Of those who may download some. */
  #thoseWho(isMeant: (standing: Standing) => boolean): Standing[] {
    const meant: Standing[] = []
    for (const standing of this.#admitted) if (isMeant(standing)) meant.push(standing)
    return meant
  }

  /** It wants nothing any more, or is gone: its slot is free. */
  release({ standing }: Peer): void {
    if (standing?.slot !== undefined) this.#dismiss(standing)
  }

  /** It moved nothing for so long that its turn is over, whether it has a slot or is served without one. */
  loseTurn({ standing }: Peer, now: number): void {
    standing?.loseTurn(now)
  }

  /** For how long it has taken nothing of the blocks that wait in its socket (ms). */
  stuckMs(peer: Peer, now: number): number {
    return this.#standingOf(peer, now).stuckMs(now)
  }

  /** Whether others go before it, since it lost its turn. */
  sitsOut({ standing }: Peer, now: number): boolean {
    return standing?.sitsOut(now) ?? false
  }

  forget(peer: Peer, now: number): void {
    const { standing } = peer
    if (standing === undefined) return
    this.release(peer)
    this.#turns.leave(standing, now)
    peer.standing = undefined
  }

  #standingOf(peer: Peer, now: number): Standing {
    peer.standing ??= new Standing(peer, this.#turns.enter(peer.group, now), now)
    return peer.standing
  }

  #policy({ isSeeding }: ChokerMoment<Peer>): ChokingPolicy {
    return isSeeding ? this.#seedPolicy : this.#leechPolicy
  }

  #regularSlots(moment: ChokerMoment<Peer>): number {
    if (!this.#policy(moment).isOptimistic) return this.slots
    const regular = this.slots - Math.max(1, Math.round(this.slots / SLOTS_PER_OPTIMISTIC))
    if (regular > 0) return regular
    return this.#round % SLOTS_PER_OPTIMISTIC === 0 ? 0 : this.slots
  }

  #fill(waiting: readonly Standing[], moment: ChokerMoment<Peer>, trials: number): void {
    const { now } = moment
    const policy = this.#policy(moment)
    const slots = this.slots + trials
    const regular = this.#regularSlots(moment) + trials
    const most = MAX_IDLE * this.slots
    const ranked = waiting
      .filter(standing => policy.earns(standing) && !(policy.isOptimistic && standing.sitsOut(now)))
      .sort((a, b) => policy.compare(a, b, moment))
    const earners = [...ranked]
    let busy = this.#busyEarners
    while (busy < regular && this.unchokedCount < most) {
      const standing = this.#takeFirst(ranked, policy)
      if (standing === undefined) break
      // Who was lucky and earns a slot now leaves luck to another.
      standing.slot = 'earned'
      this.#admitted.add(standing)
      if (!standing.isIdle) busy++
    }
    for (const standing of this.#admitted) {
      if (this.busyCount <= slots) break
      if (standing.slot !== 'lucky') continue
      this.#withdraw(standing)
      standing.choke()
    }
    // A slot that nobody earned is better used than kept.
    const others = this.#unlucky(waiting, regular === 0 ? earners.slice(0, this.slots) : [])
    while (this.busyCount < slots && this.unchokedCount < most && others.length > 0) {
      const drawn = this.#draw(others, policy, now)
      drawn.slot = 'lucky'
      drawn.luckyInRound = this.#round
      this.#admitted.add(drawn)
    }
    for (const standing of waiting) if (standing.slot !== undefined) standing.unchoke(now)
  }

  /**
   * The first of those who have earned a slot, at the address that has the fewest. While there are slots of which no use is made,
   * every other one goes to the newest that never had a turn: however many came before it to take their turns and move nothing, it does not wait for all of them.
   */
  #takeFirst(ranked: Standing[], policy: ChokingPolicy): Standing | undefined {
    let best = 0
    if (policy.isShared) {
      const isBeyond = this.unchokedCount >= this.slots
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

  /** Those who have no slot, without those whose turn comes without luck, if there are any others. */
  #unlucky(waiting: readonly Standing[], without: readonly Standing[]): Standing[] {
    const all = waiting.filter(({ slot }) => slot === undefined)
    const others = all.filter(standing => !without.includes(standing))
    return others.length > 0 ? others : all
  }

  #endLuck(policy: ChokingPolicy): void {
    for (const standing of this.#admitted) {
      const isOver = this.#round - standing.luckyInRound >= ROUNDS_PER_OPTIMISTIC
      const isDeserved = standing.peer.isInterested && policy.deservesLuck(standing)
      if (isOver || !isDeserved) this.#withdraw(standing)
    }
  }

  #dismiss(standing: Standing): void {
    this.#withdraw(standing)
    standing.choke()
  }

  /** Takes back its slot; in a round it may get it again. */
  #withdraw(standing: Standing): void {
    standing.slot = undefined
    this.#admitted.delete(standing)
  }

  /**
   * Takes one out of `all` at random: of those who did not lose their turns, nor have had what they are lent, if there are any, at
   * the addresses that have the fewest slots.
   */
  #draw(all: Standing[], policy: ChokingPolicy, now: number): Standing {
    const isLater = (each: Standing) => each.sitsOut(now) || !policy.deservesLuck(each)
    const first = leastOf(all, each => (isLater(each) ? 1 : 0))
    const fair = leastOf(first, each => each.group.slots)
    const drawn = this.#drawFrom(fair, policy, now)
    all.splice(all.indexOf(drawn), 1)
    return drawn
  }

  #drawFrom(standings: readonly Standing[], policy: ChokingPolicy, now: number): Standing {
    // While others make no use of their slots, the newest and the oldest that never had a turn come by turns.
    const untried = this.unchokedCount < this.slots ? [] : standings.filter(isUntried)
    if (untried.length > 0) {
      this.#wasNewest = !this.#wasNewest
      return untried.reduce((a, b) => (this.#wasNewest === isNewer(b, a) ? b : a))
    }
    const tickets = standings.map(standing => {
      if (!policy.deservesLuck(standing)) return TICKETS.debtor
      return now - standing.peer.connectedAt < NEWCOMER_MS ? TICKETS.newcomer : TICKETS.other
    })
    let drawn = this.#random.below(tickets.reduce((sum, count) => sum + count, 0))
    const index = tickets.findIndex(count => {
      drawn -= count
      return drawn < 0
    })
    const lucky = standings[Math.max(0, index)]
    if (lucky === undefined) throw new RangeError('nobody to draw from')
    return lucky
  }
}

/** It never had a turn. */
function isUntried({ unchokedAt }: Standing): boolean {
  return unchokedAt === Number.NEGATIVE_INFINITY
}

/** It never had a turn, and came later. */
function isNewer(standing: Standing, than: Standing): boolean {
  return isUntried(standing) && standing.peer.connectedAt > than.peer.connectedAt
}

/** Those of which a number is the least. */
function leastOf(standings: readonly Standing[], numberOf: (standing: Standing) => number): Standing[] {
  const numbers = standings.map(numberOf)
  const least = Math.min(...numbers)
  return standings.filter((_, index) => numbers[index] === least)
}
