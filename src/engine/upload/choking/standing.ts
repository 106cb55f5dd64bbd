import { BLOCK_LENGTH } from '../../../protocol/metainfo/metainfo.js'
import type { Group, Turn } from './turn-memory.js'

/** A peer, as the choker sees it. */
export interface ChokablePeer {
  /** It wants pieces of ours. */
  readonly isInterested: boolean
  /** It has sent none of the blocks that we requested for 30 s: it gets no regular slot (anti-snubbing, Cohen 2003). */
  readonly isSnubbed: boolean
  /** The pieces that it has, of all there are. */
  readonly pieces: { readonly count: number; readonly length: number }
  /** Bytes of blocks from it to us. */
  readonly received: { readonly total: number }
  /** Bytes of blocks from us to it. */
  readonly sent: { readonly total: number }
  /** Its requests that we have not answered yet. */
  readonly uploadQueue: { readonly length: number }
  /** Bytes that wait in its socket. */
  readonly link: { readonly waitingBytes: number }
  /** When it connected (ms). */
  readonly connectedAt: number
  /** Its address, or /64 for IPv6: the peers of one share its turns. */
  readonly group: string
  /** The choker's record of the peer; undefined until the choker needs one. */
  standing: Standing | undefined
}

/** A peer is idle after 1 s without a request, or after 3 s in which it read nothing of what it requested. */
const IDLE_MS = 1_000
const STUCK_MS = 3_000

/** A peer has 2 s to request the first block and to read it, where very many unchoked peers are idle. */
const BEGIN_MS = 2_000

/** A peer that has read nothing for 10 s loses its turn, if another one waits. */
const LOST_MS = 10_000

/** Fewer bytes than one block don't count as read. */
const LEAST_MOVE = BLOCK_LENGTH

/** Once a peer has taken four blocks in its turn, its earlier wasted turns don't count any more. */
const PENALTY_RESET_BYTES = 4 * BLOCK_LENGTH

/** Other peers go before one that lost its turn for 30 s; twice as long for each further wasted turn, up to 5 min. */
const FIRST_PENALTY_MS = 30_000
const LONGEST_PENALTY_MS = 300_000

/** How a peer came to its slot: as one of the best (regular), or drawn at random (optimistic unchoke). */
export type Slot = 'regular' | 'optimistic'

/** The choker's record of a peer: its slot, and the bytes that it gave and took in the last rounds. */
export class Standing {
  readonly peer: ChokablePeer
  readonly group: Group
  readonly turn: Turn
  /** Bytes from it to us in the last two rounds: 20 s (Cohen 2003). */
  given = 0
  /** Bytes from us to it in the last round. */
  taken = 0
  #slot: Slot | undefined
  /** The round of its last optimistic unchoke. */
  optimisticRound = 0
  /** It may download; while a round assigns the slots, whether it could before. */
  isUnchoked = false
  /** It is unchoked, and requests nothing or does not read what it requested. */
  isIdle = false
  /** It has many pieces from us that no other peer got from it. */
  withholds = false
  /** When a request of it last waited, or a block last left for it. */
  #busyAt = Number.NEGATIVE_INFINITY
  /** When it last read a block, or waited for us to send one. */
  #movedAt: number
  /** When less than a block waited in its socket, or it last read a block. */
  #flowedAt: number
  #takenAtMove: number
  #sentBefore = 0
  #sentAtUnchoke = 0
  #receivedBefore: number
  #receivedLast: number
  #sentLast: number

  constructor(peer: ChokablePeer, { group, turn }: { group: Group; turn: Turn }, now: number) {
    this.peer = peer
    this.group = group
    this.turn = turn
    this.#receivedLast = peer.received.total
    this.#receivedBefore = this.#receivedLast
    this.#sentLast = peer.sent.total
    this.#movedAt = now
    this.#flowedAt = now
    this.#takenAtMove = this.#takenByIt
  }

  get slot(): Slot | undefined {
    return this.#slot
  }

  set slot(slot: Slot | undefined) {
    this.group.slots += Number(slot !== undefined) - Number(this.#slot !== undefined)
    this.#slot = slot
  }

  /** When it was last unchoked, or −∞. */
  get unchokedAt(): number {
    return this.turn.unchokedAt
  }

  /** Bytes from us to it since it was unchoked. */
  get takenThisTurn(): number {
    return this.peer.sent.total - this.#sentAtUnchoke
  }

  /** Bytes sent to it, without those that still wait in its socket. */
  get #takenByIt(): number {
    return this.peer.sent.total - this.peer.link.waitingBytes
  }

  /** For how long it has read nothing of the blocks that wait in its socket (ms); 0 where none wait. */
  stuckMs(now: number): number {
    return now - this.#flowedAt
  }

  /** Whether it loses its turn, if another peer waits: it has read nothing for 10 s. */
  hasLostItsTurn(now: number): boolean {
    return this.isUnchoked && now - Math.max(this.#movedAt, this.unchokedAt) >= LOST_MS
  }

  /** Whether it may be choked where too many are idle: it has read nothing since it was unchoked, or stopped reading. */
  isUseless(now: number): boolean {
    const hasBegun = this.#movedAt > this.unchokedAt
    return this.isIdle && now - Math.max(this.#movedAt, this.unchokedAt) >= (hasBegun ? STUCK_MS : BEGIN_MS)
  }

  /** Whether other peers go before it. */
  isPenalized(now: number): boolean {
    return now < this.turn.penalizedUntil
  }

  /** Its turn ends, since it made no use of it. */
  loseTurn(now: number): void {
    const { turn } = this
    turn.penalizedUntil = now + Math.min(LONGEST_PENALTY_MS, FIRST_PENALTY_MS * 2 ** turn.wasted)
    turn.wasted++
    // It comes after those that wait, as if it had taken its quota.
    turn.unchokedAt = now
  }

  /** Call once each round. */
  onRound(): void {
    const { received, sent } = this.peer
    this.given = received.total - this.#receivedBefore
    this.taken = sent.total - this.#sentLast
    this.#receivedBefore = this.#receivedLast
    this.#receivedLast = received.total
    this.#sentLast = sent.total
  }

  onSecond(now: number): void {
    const { sent, uploadQueue, link } = this.peer
    if (uploadQueue.length > 0 || sent.total > this.#sentBefore) this.#busyAt = now
    this.#sentBefore = sent.total
    const taken = this.#takenByIt
    const hasMoved = taken - this.#takenAtMove >= LEAST_MOVE
    // Messages of this turn wait in the socket, too.
    const isEmpty = link.waitingBytes < LEAST_MOVE
    if (hasMoved || isEmpty) this.#flowedAt = now
    if (hasMoved || (isEmpty && uploadQueue.length > 0)) {
      this.#movedAt = now
      this.#takenAtMove = taken
      if (this.isUnchoked && this.takenThisTurn >= PENALTY_RESET_BYTES) this.turn.wasted = 0
    }
    const asksNothing = now - Math.max(this.#busyAt, this.unchokedAt) >= IDLE_MS
    const takesNothing = now - Math.max(this.#movedAt, this.unchokedAt) >= STUCK_MS
    this.isIdle = this.isUnchoked && (asksNothing || takesNothing)
  }

  unchoke(now: number): void {
    if (this.isUnchoked) return
    this.isUnchoked = true
    this.turn.unchokedAt = now
    this.#sentAtUnchoke = this.peer.sent.total
  }

  choke(): void {
    this.isUnchoked = false
    this.isIdle = false
  }
}
