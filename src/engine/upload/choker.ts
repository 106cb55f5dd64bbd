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
  readonly #standings = new Map<Peer, Standing>()
  /** Those who earned their slots. */
  readonly #regular = new Set<Peer>()
  /** Those who were lucky, and in which round. */
  readonly #lucky = new Map<Peer, number>()
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
    return this.#regular.size + this.#lucky.size
  }

  /** Of those who may download, how many do: who asks for nothing takes no slot from others. */
  get busyCount(): number {
    return this.#busyAmong(this.#regular) + this.#busyAmong(this.#lucky.keys())
  }

  /** Whether it may download now. */
  isUnchoked(peer: Peer): boolean {
    return this.#regular.has(peer) || this.#lucky.has(peer)
  }

  /** Call every `ROUND_MS`: deals out the slots anew. */
  round(peers: Iterable<Peer>, moment: ChokerMoment<Peer>): void {
    this.#round++
    const interested: Peer[] = []
    let taken = 0
    for (const peer of peers) {
      const standing = this.#standingOf(peer)
      standing.onRound()
      taken += standing.taken
      if (peer.isInterested) interested.push(peer)
    }
    this.#search?.onRound(taken, interested.length > this.slots)
    const before = [...this.#regular, ...this.#lucky.keys()]
    this.#regular.clear()
    this.#endLuck(this.#policy(moment))
    this.#fill(interested, moment)
    for (const peer of before) if (!this.isUnchoked(peer)) this.#standingOf(peer).choke()
  }

  /** Call once a second, and `fillVacancies` after it: notices who asks for nothing. */
  onSecond(now: number): void {
    for (const standing of this.#standings.values()) if (standing.isUnchoked) standing.onSecond(now)
  }

  /**
   * Gives away the slots that are free, and those that nobody had earned, where somebody has come who earned one.
   * @param peers all, whoever has a slot already
   * @returns whether somebody was let in
   */
  fillVacancies(peers: Iterable<Peer>, moment: ChokerMoment<Peer>): boolean {
    const isFull = this.busyCount >= this.slots || this.unchokedCount >= MAX_IDLE * this.slots
    if (isFull && this.#busyAmong(this.#regular) >= this.#regularSlots(moment)) return false
    const waiting: Peer[] = []
    for (const peer of peers) if (peer.isInterested && !this.isUnchoked(peer)) waiting.push(peer)
    if (waiting.length === 0) return false
    this.#fill(waiting, moment)
    return waiting.some(peer => this.isUnchoked(peer))
  }

  /** It wants nothing any more, or is gone: its slot is free. */
  release(peer: Peer): void {
    if (!this.isUnchoked(peer)) return
    this.#regular.delete(peer)
    this.#lucky.delete(peer)
    this.#standingOf(peer).choke()
  }

  forget(peer: Peer): void {
    this.release(peer)
    this.#standings.delete(peer)
  }

  #policy({ isSeeding }: ChokerMoment<Peer>): ChokingPolicy {
    return isSeeding ? this.#seedPolicy : this.#leechPolicy
  }

  #regularSlots(moment: ChokerMoment<Peer>): number {
    if (!this.#policy(moment).isOptimistic) return this.slots
    return this.slots - Math.max(1, Math.round(this.slots / SLOTS_PER_OPTIMISTIC))
  }

  #busyAmong(peers: Iterable<Peer>): number {
    let busy = 0
    for (const peer of peers) if (!this.#standingOf(peer).isIdle) busy++
    return busy
  }

  #fill(waiting: readonly Peer[], moment: ChokerMoment<Peer>): void {
    const { now } = moment
    const policy = this.#policy(moment)
    const regular = this.#regularSlots(moment)
    const most = MAX_IDLE * this.slots
    for (const peer of waiting) this.#standingOf(peer).owes = moment.owes(peer)
    const ranked = waiting
      .map(peer => ({ peer, standing: this.#standingOf(peer) }))
      .filter(({ standing }) => policy.earns(standing))
      .sort((a, b) => policy.compare(a.standing, b.standing, moment))
    let busy = this.#busyAmong(this.#regular)
    for (const { peer, standing } of ranked) {
      if (busy >= regular || this.unchokedCount >= most) break
      // Who was lucky and earns a slot now leaves luck to another.
      this.#lucky.delete(peer)
      this.#regular.add(peer)
      if (!standing.isIdle) busy++
    }
    for (const peer of this.#lucky.keys()) if (this.busyCount > this.slots) this.release(peer)
    // A slot that nobody earned is better used than kept.
    const others = waiting.filter(peer => !this.isUnchoked(peer))
    while (this.busyCount < this.slots && this.unchokedCount < most && others.length > 0) {
      this.#lucky.set(this.#draw(others, policy, now), this.#round)
    }
    for (const peer of waiting) if (this.isUnchoked(peer)) this.#standingOf(peer).unchoke(now)
  }

  #endLuck(policy: ChokingPolicy): void {
    for (const [peer, round] of this.#lucky) {
      const isOver = this.#round - round >= ROUNDS_PER_OPTIMISTIC
      const isDeserved = peer.isInterested && policy.deservesLuck(this.#standingOf(peer))
      if (isOver || !isDeserved) this.#lucky.delete(peer)
    }
  }

  #standingOf(peer: Peer): Standing {
    const known = this.#standings.get(peer)
    if (known !== undefined) return known
    const standing = new Standing(peer)
    this.#standings.set(peer, standing)
    return standing
  }

  /** Takes one peer out of `peers` at random. */
  #draw(peers: Peer[], policy: ChokingPolicy, now: number): Peer {
    const tickets = peers.map(peer => {
      if (!policy.deservesLuck(this.#standingOf(peer))) return TICKETS.debtor
      return now - peer.connectedAt < NEWCOMER_MS ? TICKETS.newcomer : TICKETS.other
    })
    let drawn = this.#random.below(tickets.reduce((sum, count) => sum + count, 0))
    const index = tickets.findIndex(count => {
      drawn -= count
      return drawn < 0
    })
    const [lucky] = peers.splice(Math.max(0, index), 1)
    if (lucky === undefined) throw new RangeError('nobody to draw from')
    return lucky
  }
}
