/** What the choker must know of a peer. */
export interface ChokablePeer {
  /** It wants pieces of ours. */
  readonly isInterested: boolean
  /** It sent nothing for long although asked: it earns no slot (anti-snubbing). */
  readonly isSnubbed: boolean
  /** What it has, of all there are. */
  readonly pieces: { readonly count: number; readonly length: number }
  /** Bytes of blocks from it to us. */
  readonly received: { readonly total: number }
  /** Bytes of blocks from us to it. */
  readonly sent: { readonly total: number }
  /** Requests that wait for us to answer them. */
  readonly uploads: { readonly length: number }
  /** When it connected (ms). */
  readonly connectedAt: number
  /** The choker's own: where the peer stands with it, once it had to do with it. */
  standing: Standing | undefined
}

/** Whoever has asked for nothing for so long while it might makes no use of its slot. */
const IDLE_MS = 1_000

/** Where a peer stands with the choker: what it gave and took, counted from round to round. */
export class Standing {
  readonly peer: ChokablePeer
  /** Bytes from it to us in the last two rounds: some twenty seconds (Cohen 2003). */
  given = 0
  /** Bytes from us to it in the last round. */
  taken = 0
  /** The slot that it has, if any, and how it came to it. */
  slot: 'earned' | 'lucky' | undefined
  /** In which round it was lucky the last time. */
  luckyInRound = 0
  /** We let it download: in the middle of a round, whether it had a slot before. */
  isUnchoked = false
  /** When it was last let in, or −∞. */
  unchokedAt = Number.NEGATIVE_INFINITY
  /** It was let in, and asks for nothing: all that we have is on its way to it from others. */
  isIdle = false
  /** It has much from us that it passed on to nobody. */
  owes = false
  #busyAt = Number.NEGATIVE_INFINITY
  #sentBefore = 0
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

  onSecond(now: number): void {
    const { sent, uploads } = this.peer
    if (uploads.length > 0 || sent.total > this.#sentBefore) this.#busyAt = now
    this.#sentBefore = sent.total
    this.isIdle = this.isUnchoked && now - Math.max(this.#busyAt, this.unchokedAt) >= IDLE_MS
  }

  unchoke(now: number): void {
    if (this.isUnchoked) return
    this.isUnchoked = true
    this.unchokedAt = now
    this.#sentAtUnchoke = this.peer.sent.total
  }

  choke(): void {
    this.isUnchoked = false
    this.isIdle = false
  }
}
