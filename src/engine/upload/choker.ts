import type { Random } from '../../base/random.js'
import type { ChokingMoment, ChokingPolicy } from './choking/policy.js'
import { makeSeedPolicy, type SeedChoker } from './choking/seed-choker.js'
import { SlotCount } from './choking/slot-count.js'
import { SlotHolders } from './choking/slot-holders.js'
import { SlotOrder } from './choking/slot-order.js'
import { type ChokablePeer, Standing } from './choking/standing.js'
import { titForTat } from './choking/tit-for-tat.js'
import { TurnMemory } from './choking/turn-memory.js'

export interface ChokerOptions {
  /** Peers that are unchoked at a time; undefined: as many as it takes to fill our line. */
  readonly slots: number | undefined
  readonly seedChoker: SeedChoker
}

export interface ChokerBytes {
  /** Sent to a peer that has sent us nothing before it is in deficit. */
  readonly credit: number
  /** Sent by a seeder to a peer in one turn. */
  readonly quota: number
}

/** A round of the choker, and how many rounds an optimistic unchoke lasts (Cohen 2003). */
export const ROUND_MS = 10_000
const ROUNDS_PER_OPTIMISTIC = 3

/** One slot of five is optimistic. A single slot is optimistic in one round of five, and regular in the others. */
const SLOTS_PER_OPTIMISTIC = 5

/** While most unchoked peers are idle, at most 16 times the slots are unchoked. */
const MAX_IDLE = 16

/** Further peers unchoked for each idle one, once more than half of the slots are idle. */
const TRIALS = 3

/** The moment at which the choker decides. */
export interface ChokerMoment<Peer> extends ChokingMoment {
  readonly isSeeding: boolean
  /** Whether a peer has got many pieces from us as a seeder that no other peer got from it. */
  withholds(peer: Peer): boolean
}

/**
 * Decides which peers are unchoked. While leeching: tit for tat. Regular slots go to the peers that send us most, and one slot in
 * five is an optimistic unchoke, which finds better partners and gives new peers a start (Cohen 2003). While seeding: a
 * policy of `choking/`. Slots that become free within a round are given away at once.
 *
 * An idle peer, one that requests nothing or does not read what it requested, does not count against the slots: others are
 * unchoked beside it, and after ten seconds it loses its turn if another peer waits. Reconnecting, or connecting under many
 * names from one address, gains nothing: the peers of an address share its turns (`turn-memory.ts`).
 */
export class Choker<Peer extends ChokablePeer> {
  readonly #slots: { readonly count: number }
  readonly #search: SlotCount | undefined
  readonly #leechPolicy: ChokingPolicy
  readonly #seedPolicy: ChokingPolicy
  readonly #holders = new SlotHolders()
  readonly #order: SlotOrder
  readonly #turns = new TurnMemory()
  #round = 0

  constructor({ slots, seedChoker }: ChokerOptions, { credit, quota }: ChokerBytes, random: Random) {
    this.#order = new SlotOrder(random)
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
    return this.#holders.count
  }

  /** Unchoked peers that are not idle. */
  get busyCount(): number {
    return this.#holders.busyCount
  }

  isUnchoked(peer: Peer): boolean {
    return peer.standing?.slot !== undefined
  }

  /** Call every `ROUND_MS`: assigns all slots anew. */
  round(peers: Iterable<Peer>, moment: ChokerMoment<Peer>): void {
    this.#round++
    const interested: Standing[] = []
    let taken = 0
    for (const peer of peers) {
      const standing = this.#standingOf(peer, moment.now)
      standing.onRound()
      taken += standing.taken
      if (!peer.isInterested) continue
      standing.withholds = moment.withholds(peer)
      interested.push(standing)
    }
    this.#search?.onRound(taken, interested.length > this.slots)
    const before = [...this.#holders]
    for (const standing of before) if (standing.slot === 'regular') this.#holders.withdraw(standing)
    this.#endOptimistic(this.#policy(moment))
    this.#fill(interested, moment, 0)
    for (const standing of before) if (standing.slot === undefined) standing.choke()
  }

  /** Call once a second, and `fillVacancies` after it: notices which peers are idle. */
  onSecond(peers: Iterable<Peer>, now: number): void {
    for (const { standing } of peers) standing?.onSecond(now)
  }

  /**
   * Gives away slots that are free or idle, optimistic ones where a peer qualifies for a regular slot, and those of peers
   * in deficit where one in credit waits.
   * @param peers all of them, unchoked or not
   * @returns whether any peer got or lost a slot
   */
  fillVacancies(peers: Iterable<Peer>, moment: ChokerMoment<Peer>): boolean {
    const policy = this.#policy(moment)
    const holders = this.#holders
    const uninterested = holders.where(({ peer }) => !peer.isInterested)
    for (const standing of uninterested) holders.choke(standing)
    const inDeficit = holders.where(each => each.slot === 'optimistic' && !policy.isInCredit(each))
    const lost = holders.where(each => each.hasLostItsTurn(moment.now) && !policy.keepsIdleSlot(each))
    const useless = holders.where(each => each.isUseless(moment.now))
    const failed = useless.filter(each => !policy.keepsIdleSlot(each)).length
    const trials = 2 * failed > this.slots ? TRIALS * failed : 0
    const isFull = this.busyCount >= this.slots + trials
    const isCrowded = !isFull && this.unchokedCount >= MAX_IDLE * this.slots
    const isSettled = isFull && holders.busyRegularCount >= this.#regularSlots(moment)
    if (inDeficit.length === 0 && lost.length === 0 && isSettled) return uninterested.length > 0
    const waiting = this.#waiting(peers, moment)
    if (waiting.length === 0) return uninterested.length > 0
    const unused = isCrowded ? useless.slice(0, waiting.length) : []
    for (const standing of new Set([...lost, ...unused])) {
      holders.choke(standing)
      standing.loseTurn(moment.now)
    }
    const areReplaced = inDeficit.length > 0 && waiting.some(each => policy.isInCredit(each))
    if (areReplaced) for (const standing of inDeficit) holders.choke(standing)
    this.#fill(waiting, moment, trials)
    return (
      areReplaced ||
      uninterested.length + lost.length + unused.length > 0 ||
      waiting.some(({ slot }) => slot !== undefined)
    )
  }

  /** Interested peers that are choked. */
  #waiting(peers: Iterable<Peer>, moment: ChokerMoment<Peer>): Standing[] {
    const waiting: Standing[] = []
    for (const peer of peers) {
      if (!peer.isInterested || this.isUnchoked(peer)) continue
      const standing = this.#standingOf(peer, moment.now)
      standing.withholds = moment.withholds(peer)
      waiting.push(standing)
    }
    return waiting
  }

  /** The peer is not interested any more, or gone: its slot is free. */
  release({ standing }: Peer): void {
    if (standing?.slot !== undefined) this.#holders.choke(standing)
  }

  /** The peer made no use of its turn, whether it has a slot or is served while choked: other peers go before it. */
  loseTurn({ standing }: Peer, now: number): void {
    standing?.loseTurn(now)
  }

  /** For how long the peer has read nothing of the blocks that wait in its socket (ms). */
  stuckMs(peer: Peer, now: number): number {
    return this.#standingOf(peer, now).stuckMs(now)
  }

  /** Whether other peers go before it, since it lost its turn. */
  isPenalized({ standing }: Peer, now: number): boolean {
    return standing?.isPenalized(now) ?? false
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
    if (!this.#policy(moment).hasOptimisticSlots) return this.slots
    const regular = this.slots - Math.max(1, Math.round(this.slots / SLOTS_PER_OPTIMISTIC))
    if (regular > 0) return regular
    return this.#round % SLOTS_PER_OPTIMISTIC === 0 ? 0 : this.slots
  }

  #fill(waiting: readonly Standing[], moment: ChokerMoment<Peer>, trials: number): void {
    const { now } = moment
    const policy = this.#policy(moment)
    const holders = this.#holders
    const slots = this.slots + trials
    const regular = this.#regularSlots(moment) + trials
    const most = MAX_IDLE * this.slots
    const ranked = waiting
      .filter(each => policy.qualifies(each) && !(policy.hasOptimisticSlots && each.isPenalized(now)))
      .sort((a, b) => policy.compare(a, b, moment))
    const qualified = [...ranked]
    let busy = holders.busyRegularCount
    while (busy < regular && holders.count < most) {
      const standing = this.#order.takeFirst(ranked, policy, holders.count >= this.slots)
      if (standing === undefined) break
      // It may have held an optimistic slot, which then is free for another peer.
      holders.give(standing, 'regular')
      if (!standing.isIdle) busy++
    }
    for (const standing of holders) {
      if (holders.busyCount <= slots) break
      if (standing.slot === 'optimistic') holders.choke(standing)
    }
    // Regular slots for which no peer qualifies are given optimistically, too.
    const others = withoutSlot(waiting, regular === 0 ? qualified.slice(0, this.slots) : [])
    while (holders.busyCount < slots && holders.count < most && others.length > 0) {
      const drawn = this.#order.draw(others, policy, now, holders.count >= this.slots)
      holders.give(drawn, 'optimistic')
      drawn.optimisticRound = this.#round
    }
    for (const standing of waiting) if (standing.slot !== undefined) standing.unchoke(now)
  }

  #endOptimistic(policy: ChokingPolicy): void {
    for (const standing of this.#holders) {
      const isOver = this.#round - standing.optimisticRound >= ROUNDS_PER_OPTIMISTIC
      const mayStay = standing.peer.isInterested && policy.isInCredit(standing)
      if (isOver || !mayStay) this.#holders.withdraw(standing)
    }
  }
}

/** The peers without a slot; of these `except` only where there are no others. */
function withoutSlot(waiting: readonly Standing[], except: readonly Standing[]): Standing[] {
  const all = waiting.filter(({ slot }) => slot === undefined)
  const others = all.filter(standing => !except.includes(standing))
  return others.length > 0 ? others : all
}
