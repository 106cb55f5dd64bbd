/** What the choker must know of a peer. */
export interface ChokablePeer {
  /** It wants pieces of ours. */
  readonly isInterested: boolean
  /** It sent nothing for long although asked: it earns no slot (anti-snubbing). */
  readonly isSnubbed: boolean
  /** Bytes of blocks from it to us. */
  readonly received: { readonly total: number }
  /** Bytes of blocks from us to it. */
  readonly sent: { readonly total: number }
  /** When it connected (ms). */
  readonly connectedAt: number
}

/** Where a peer stands with the choker: what it gave and took, counted from round to round. */
export class Standing {
  readonly peer: ChokablePeer
  /** Bytes from it to us in the last two rounds: some twenty seconds (Cohen 2003). */
  given = 0
  /** Bytes from us to it in the last round. */
  taken = 0
  /** We let it download. */
  isUnchoked = false
  /** When it was last let in, or −∞. */
  unchokedAt = Number.NEGATIVE_INFINITY
  #sentAtUnchoke = 0
  #receivedBefore: number
  #receivedLast: number
  #sentLast: number

  constructor(peer: ChokablePeer) {
    this.peer = peer
    this.#receivedLast = peer.received.total
    this.#receivedBefore = this.#receivedLast
    this.#sentLast = peer.sent.total
  }

  /** Bytes from us to it since it was let in. */
  get takenThisTurn(): number {
    return this.peer.sent.total - this.#sentAtUnchoke
  }

  /** A round has passed. */
  onRound(): void {
    const { received, sent } = this.peer
    this.given = received.total - this.#receivedBefore
    this.taken = sent.total - this.#sentLast
    this.#receivedBefore = this.#receivedLast
    this.#receivedLast = received.total
    this.#sentLast = sent.total
  }

  unchoke(now: number): void {
    if (this.isUnchoked) return
    this.isUnchoked = true
    this.unchokedAt = now
    this.#sentAtUnchoke = this.peer.sent.total
  }

  choke(): void {
    this.isUnchoked = false
  }
}
