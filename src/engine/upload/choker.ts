import type { Random } from '../../base/random.js'
import type { ChokingMoment, ChokingPolicy } from './choking/policy.js'
import { makeSeedPolicy, type SeedChoker } from './choking/seed-choker.js'
import { SlotCount } from './choking/slot-count.js'
import { type ChokablePeer, Standing } from './choking/standing.js'
import { titForTat } from './choking/tit-for-tat.js'

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

/** One slot of so many is optimistic: one of five by default. */
const SLOTS_PER_OPTIMISTIC = 5

/** So many times as many as there are slots may be let in where most of them ask for nothing. */
const MAX_IDLE = 4

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
 */
export class Choker<Peer extends ChokablePeer> {
  readonly #random: Random
  readonly #slots: { readonly count: number }
  readonly #search: SlotCount | undefined
  readonly #leechPolicy: ChokingPolicy
  readonly #seedPolicy: ChokingPolicy
  /** Those who have a slot, in the order in which they got it: a handful. */
  readonly #admitted = new Set<Standing>()
  #round = 0

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
      const standing = standingOf(peer)
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
    this.#fill(interested, moment)
    for (const standing of before) if (standing.slot === undefined) standing.choke()
  }

  /** Call once a second, and `fillVacancies` after it: notices who asks for nothing. */
  onSecond(now: number): void {
    for (const standing of this.#admitted) standing.onSecond(now)
  }

  /**
   * Gives away the slots that are free, and those that nobody had earned, where somebody has come who earned one, or waits who
   * was lent less.
   * @param peers all, whoever has a slot already
   * @returns whether anybody got or lost a slot
   */
  fillVacancies(peers: Iterable<Peer>, moment: ChokerMoment<Peer>): boolean {
    const policy = this.#policy(moment)
    const debtors = this.#luckyDebtors(policy)
    const isFull = this.busyCount >= this.slots || this.unchokedCount >= MAX_IDLE * this.slots
    if (debtors.length === 0 && isFull && this.#busyEarners >= this.#regularSlots(moment)) return false
    const waiting: Standing[] = []
    for (const peer of peers) {
      if (!peer.isInterested || this.isUnchoked(peer)) continue
      const standing = standingOf(peer)
      standing.owes = moment.owes(peer)
      waiting.push(standing)
    }
    if (waiting.length === 0) return false
    const areReplaced = debtors.length > 0 && waiting.some(each => policy.deservesLuck(each))
    if (areReplaced) for (const debtor of debtors) this.#dismiss(debtor)
    this.#fill(waiting, moment)
    return areReplaced || waiting.some(({ slot }) => slot !== undefined)
  }

  /** Those who were lucky, and have had what they were lent. */
  #luckyDebtors(policy: ChokingPolicy): Standing[] {
    const debtors: Standing[] = []
    for (const standing of this.#admitted) {
      if (standing.slot === 'lucky' && !policy.deservesLuck(standing)) debtors.push(standing)
    }
    return debtors
  }

  /** It wants nothing any more, or is gone: its slot is free. */
  release({ standing }: Peer): void {
    if (standing?.slot !== undefined) this.#dismiss(standing)
  }

  forget(peer: Peer): void {
    this.release(peer)
    peer.standing = undefined
  }

  #policy({ isSeeding }: ChokerMoment<Peer>): ChokingPolicy {
    return isSeeding ? this.#seedPolicy : this.#leechPolicy
  }

  #regularSlots(moment: ChokerMoment<Peer>): number {
    if (!this.#policy(moment).isOptimistic) return this.slots
    return this.slots - Math.max(1, Math.round(this.slots / SLOTS_PER_OPTIMISTIC))
  }

  #fill(waiting: readonly Standing[], moment: ChokerMoment<Peer>): void {
    const { now } = moment
    const policy = this.#policy(moment)
    const regular = this.#regularSlots(moment)
    const most = MAX_IDLE * this.slots
    const ranked = waiting
      .filter(standing => policy.earns(standing))
      .sort((a, b) => policy.compare(a, b, moment))
    let busy = this.#busyEarners
    for (const standing of ranked) {
      if (busy >= regular || this.unchokedCount >= most) break
      // Who was lucky and earns a slot now leaves luck to another.
      standing.slot = 'earned'
      this.#admitted.add(standing)
      if (!standing.isIdle) busy++
    }
    for (const standing of this.#admitted) {
      if (this.busyCount <= this.slots) break
      if (standing.slot !== 'lucky') continue
      this.#withdraw(standing)
      standing.choke()
    }
    // A slot that nobody earned is better used than kept.
    const others = waiting.filter(({ slot }) => slot === undefined)
    while (this.busyCount < this.slots && this.unchokedCount < most && others.length > 0) {
      const drawn = this.#draw(others, policy, now)
      drawn.slot = 'lucky'
      drawn.luckyInRound = this.#round
      this.#admitted.add(drawn)
    }
    for (const standing of waiting) if (standing.slot !== undefined) standing.unchoke(now)
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

  /** Takes one out of `standings` at random. */
  #draw(standings: Standing[], policy: ChokingPolicy, now: number): Standing {
    const tickets = standings.map(standing => {
      if (!policy.deservesLuck(standing)) return TICKETS.debtor
      return now - standing.peer.connectedAt < NEWCOMER_MS ? TICKETS.newcomer : TICKETS.other
    })
    let drawn = this.#random.below(tickets.reduce((sum, count) => sum + count, 0))
    const index = tickets.findIndex(count => {
      drawn -= count
      return drawn < 0
    })
    const [lucky] = standings.splice(Math.max(0, index), 1)
    if (lucky === undefined) throw new RangeError('nobody to draw from')
    return lucky
  }
}

function standingOf(peer: ChokablePeer): Standing {
  peer.standing ??= new Standing(peer)
  return peer.standing
}
