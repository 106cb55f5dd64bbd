import type { Random } from '../../base/random.js'

/** What the choker must know of a peer. */
export interface ChokablePeer {
  /** It wants pieces of ours. */
  readonly isInterested: boolean
  /** It sent nothing for long although asked: it gets no regular slot (anti-snubbing). */
  readonly isSnubbed: boolean
  /** Bytes per second, over the last seconds, from it to us. */
  readonly rateToUs: number
  /** Bytes per second, over the last seconds, from us to it. */
  readonly rateFromUs: number
  /** When it connected (ms). */
  readonly connectedAt: number
}

export interface ChokerOptions {
  /** Slots for those who give most. */
  readonly regularSlots: number
  readonly optimisticSlots: number
}

export const DEFAULT_SLOTS: ChokerOptions = { regularSlots: 4, optimisticSlots: 1 }

/** A round of the choker, and how many rounds an optimistic unchoke lasts (Cohen 2003). */
export const ROUND_MS = 10_000
const ROUNDS_PER_OPTIMISTIC = 3

/** A peer counts as a newcomer for its first minute, and is three times as likely to be tried. */
const NEWCOMER_MS = 60_000
const NEWCOMER_CHANCE = 3

/**
 * Who may download from us: tit for tat. While leeching, the regular slots go to those who send us most; when seeding, to
 * those who take most. One more slot goes round among the others, so that a better partner can be found and a newcomer has a start.
 */
export class Choker<Peer extends ChokablePeer> {
  readonly #options: ChokerOptions
  readonly #random: Random
  #optimistic: Peer[] = []
  #round = 0

  constructor(options: ChokerOptions, random: Random) {
    this.#options = options
    this.#random = random
  }

  /** How many peers may be unchoked at a time. */
  get slots(): number {
    return this.#options.regularSlots + this.#options.optimisticSlots
  }

  /** Call every `ROUND_MS`; returns those who are to be unchoked until the next round. */
  round(peers: Iterable<Peer>, isSeeding: boolean, now: number): Set<Peer> {
    const interested = [...peers].filter(peer => peer.isInterested)
    const rate = (peer: Peer) => (isSeeding ? peer.rateFromUs : peer.rateToUs)
    const regular = interested
      .filter(peer => isSeeding || !peer.isSnubbed)
      .sort((a, b) => rate(b) - rate(a) || a.connectedAt - b.connectedAt)
      .slice(0, this.#options.regularSlots)
    const unchoked = new Set(regular)
    if (this.#round++ % ROUNDS_PER_OPTIMISTIC === 0) this.#optimistic = []
    this.#optimistic = this.#optimistic.filter(peer => interested.includes(peer) && !unchoked.has(peer))
    const others = interested.filter(peer => !unchoked.has(peer) && !this.#optimistic.includes(peer))
    while (this.#optimistic.length < this.#options.optimisticSlots && others.length > 0) {
      this.#optimistic.push(this.#draw(others, now))
    }
    for (const peer of this.#optimistic) unchoked.add(peer)
    // A regular slot that nobody earned is better used than kept.
    while (unchoked.size < this.slots && others.length > 0) unchoked.add(this.#draw(others, now))
    return unchoked
  }

  /** Takes one peer out of `peers` at random. */
  #draw(peers: Peer[], now: number): Peer {
    const chances = peers.map(peer => (now - peer.connectedAt < NEWCOMER_MS ? NEWCOMER_CHANCE : 1))
    let ticket = this.#random.below(chances.reduce((sum, chance) => sum + chance, 0))
    const index = chances.findIndex(chance => {
      ticket -= chance
      return ticket < 0
    })
    const [drawn] = peers.splice(Math.max(0, index), 1)
    if (drawn === undefined) throw new RangeError('nobody to draw from')
    return drawn
  }
}
