import { BLOCK_LENGTH } from '../../../protocol/metainfo/metainfo.js'
import type { Group, Turn } from './turn-memory.js'

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
  /** Bytes that it was sent and did not take yet. */
  readonly link: { readonly waitingBytes: number }
  /** When it connected (ms). */
  readonly connectedAt: number
  /** Its address, or /64: the peers of one share its turns. */
  readonly group: string
  /** The choker's own: where the peer stands with it, once it had to do with it. */
  standing: Standing | undefined
}

/** A peer that has asked for nothing for so long makes no use of its slot; one that takes nothing of what it asked for, after longer. */
const IDLE_MS = 1_000
const STUCK_MS = 3_000

/** A peer has this long (ms) to ask for the first block, and to take it, where very many make no use of their slots. */
const BEGIN_MS = 2_000

/** A peer that moved nothing for so long loses its turn, if another one waits. */
const LOST_MS = 10_000

/** Fewer bytes are nothing: one block. */
const LEAST_MOVE = BLOCK_LENGTH

/** A peer that moved so much in its turn is forgiven the turns that it had wasted. */
const FORGIVEN = 4 * BLOCK_LENGTH

/** How long others go before a peer that lost its turn; twice as long for each further turn, up to the second number. */
const FIRST_SIT_OUT_MS = 30_000
const LONGEST_SIT_OUT_MS = 300_000

/** Where a peer stands with the choker: what it gave and took, counted from round to round. */
export class Standing {
  readonly peer: ChokablePeer
  readonly group: Group
  readonly turn: Turn
  /** Bytes from it to us in the last two rounds: some twenty seconds (Cohen 2003). */
  given = 0
  /** Bytes from us to it in the last round. */
  taken = 0
  /** The slot that it has, if any, and how it came to it. */
  #slot: 'earned' | 'lucky' | undefined
  /** In which round it was lucky the last time. */
  luckyInRound = 0
  /** We let it download: in the middle of a round, whether it had a slot before. */
  isUnchoked = false
  /** It was let in and makes no use of it: it asks for nothing, or takes nothing of what it asked for. */
  isIdle = false
  /** It has much from us that it passed on to nobody. */
  owes = false
  /** When something waited for it or left for it. */
  #busyAt = Number.NEGATIVE_INFINITY
  /** When it took the last block, or waited for us to send it one. */
  #movedAt: number
  /** When nothing to speak of waited in its socket, or it took some of that. */
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

  get slot(): 'earned' | 'lucky' | undefined {
    return this.#slot
  }

  set slot(slot: 'earned' | 'lucky' | undefined) {
    this.group.slots += Number(slot !== undefined) - Number(this.#slot !== undefined)
    this.#slot = slot
  }

  /** When it was last let in, or −∞. */
  get unchokedAt(): number {
    return this.turn.unchokedAt
  }

  /** Bytes from us to it since it was let in. */
  get takenThisTurn(): number {
    return this.peer.sent.total - this.#sentAtUnchoke
  }

  /** Bytes that have left for it, as far as they are not still waiting here. */
  get #takenByIt(): number {
    return this.peer.sent.total - this.peer.link.waitingBytes
  }

  /** For how long it has taken nothing of the blocks that wait in its socket (ms); 0 where none do. */
  stuckMs(now: number): number {
    return now - this.#flowedAt
  }

  /** It moved nothing for so long in its turn that it loses it, should somebody else wait. */
  hasLostItsTurn(now: number): boolean {
    return this.isUnchoked && now - Math.max(this.#movedAt, this.unchokedAt) >= LOST_MS
  }

  /** It moved nothing since it was let in, or stopped, and keeps out others where too many do. */
  isUseless(now: number): boolean {
    const hasBegun = this.#movedAt > this.unchokedAt
    return this.isIdle && now - Math.max(this.#movedAt, this.unchokedAt) >= (hasBegun ? STUCK_MS : BEGIN_MS)
  }

  /** Others go before it. */
  sitsOut(now: number): boolean {
    return now < this.turn.sitsOutUntil
  }

  /** Its turn ends, since it made no use of it. */
  loseTurn(now: number): void {
    const { turn } = this
    turn.sitsOutUntil = now + Math.min(LONGEST_SIT_OUT_MS, FIRST_SIT_OUT_MS * 2 ** turn.wasted)
    turn.wasted++
    // It stands behind those that wait, as if it had taken all it may.
    turn.unchokedAt = now
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
    const { sent, uploads, link } = this.peer
    if (uploads.length > 0 || sent.total > this.#sentBefore) this.#busyAt = now
    this.#sentBefore = sent.total
    const taken = this.#takenByIt
    const hasMoved = taken - this.#takenAtMove >= LEAST_MOVE
    // What is said in this very moment waits, too.
    const isEmpty = link.waitingBytes < LEAST_MOVE
    if (hasMoved || isEmpty) this.#flowedAt = now
    if (hasMoved || (isEmpty && uploads.length > 0)) {
      this.#movedAt = now
      this.#takenAtMove = taken
      if (this.isUnchoked && this.takenThisTurn >= FORGIVEN) this.turn.wasted = 0
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
