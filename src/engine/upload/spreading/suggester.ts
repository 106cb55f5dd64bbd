// BEP 6, suggest: which pieces are best requested from us.

import type { Bitfield } from '../../../base/bitfield.js'
import type { Random } from '../../../base/random.js'
import { type Copies, LonePieces } from './lone-pieces.js'

/** The torrent, as the suggester sees it. */
export interface SuggestedMap {
  readonly pieceCount: number
  readonly pieceLength: number
  blockCount(piece: number): number
}

/** A peer, as the suggester sees it. */
export interface SuggestedPeer {
  readonly pieces: Bitfield
  readonly isChoked: boolean
  readonly heedsSuggestions: boolean
  /** Bytes per second from us to it. */
  readonly rateFromUs: number
  readonly link: { suggest(piece: number): void }
}

/** Suggested pieces that a peer has not requested yet: a second of its rate. */
const MIN_SUGGESTED = 1
const MAX_SUGGESTED = 32
const SUGGESTED_SECONDS = 1

/** Pieces that a peer may have got from us before other peers got them from it: 3, or 20 s of its rate. */
const MIN_WITHHELD = 3
const WITHHELD_SECONDS = 20

/** The pieces assigned to a peer, which it is to upload to others. */
interface Assignment {
  /** How many blocks of each piece it has not requested. */
  readonly pieces: Map<number, number>
  /** Pieces of which it has requested no block. */
  suggested: number
  /** Pieces of which it has requested every block. */
  sent: number
}

/**
 * A seeder knows best what it has not sent yet. It assigns each peer that it serves pieces that no peer has and none was assigned,
 * and suggests them. So peers that fetch pieces in random order take from a seeder what it has sent least. It also sees which peers
 * upload nothing: pieces that it sent to such a peer are suggested to others in the end.
 */
export class Suggester<Peer extends SuggestedPeer> {
  readonly #map: SuggestedMap
  readonly #lone: LonePieces
  /** Of all peers that were served. */
  readonly #assignments = new Map<Peer, Assignment>()
  /** The peer that each piece was suggested to last, or that requested it first. */
  readonly #assignees = new Map<number, Peer>()

  /** @param copies how many peers have each piece; told of a change before this is */
  constructor(map: SuggestedMap, copies: Copies, random: Random) {
    this.#map = map
    this.#lone = new LonePieces(map.pieceCount, copies, random)
  }

  /** Other peers have every piece, too. */
  get isOver(): boolean {
    return this.#lone.areOut
  }

  /** Whether a peer has got more pieces from us than it may without other peers having got them from it. */
  withholds(peer: Peer): boolean {
    const limit = Math.max(MIN_WITHHELD, (peer.rateFromUs * WITHHELD_SECONDS) / this.#map.pieceLength)
    return (this.#assignments.get(peer)?.sent ?? 0) > limit
  }

  /** A peer requested a block that it may have. */
  onAsked(peer: Peer, piece: number): void {
    const assignment = this.#assignments.get(peer)
    if (assignment === undefined) return
    const blocks = this.#map.blockCount(piece)
    const isNew = !assignment.pieces.has(piece)
    if (isNew) {
      if (this.#assignees.has(piece) || !this.#lone.claim(piece)) return
      this.#assignees.set(piece, peer)
    }
    const left = assignment.pieces.get(piece) ?? blocks
    assignment.pieces.set(piece, Math.max(0, left - 1))
    if (left === 1) assignment.sent++
    if (left === blocks && !isNew) assignment.suggested--
    if (left === blocks) this.suggest(peer)
  }

  /** A peer has got a piece. */
  onHave(piece: number): void {
    const assignee = this.#assignees.get(piece)
    if (assignee !== undefined && this.#lone.isSafe(piece)) this.#settle(assignee, piece)
  }

  /** A peer lost a piece (BEP 54). */
  onLost(piece: number): void {
    this.#lone.onLost(piece)
  }

  /**
   * The peer was choked. Pieces that it was not sent in full are suggested to others.
   * @param unsent pieces of requests that were dropped
   * @param unfinished the piece that it may finish while choked
   */
  onChoked(peer: Peer, unsent: ReadonlySet<number>, unfinished: number | undefined): void {
    for (const [piece, left] of this.#assignments.get(peer)?.pieces ?? []) {
      if (piece !== unfinished && (left > 0 || unsent.has(piece))) this.#settle(peer, piece)
    }
  }

  onRemoved(peer: Peer): void {
    this.#lone.onPeerWent()
    for (const piece of this.#assignments.get(peer)?.pieces.keys() ?? []) this.#settle(peer, piece)
    this.#assignments.delete(peer)
  }

  /** Suggests pieces to an unchoked peer until it has enough. */
  suggest(peer: Peer): void {
    if (peer.isChoked || !peer.heedsSuggestions) return
    const assignment = this.#assignmentOf(peer)
    const room = Math.ceil((peer.rateFromUs * SUGGESTED_SECONDS) / this.#map.pieceLength)
    const limit = Math.min(MAX_SUGGESTED, Math.max(MIN_SUGGESTED, room))
    while (assignment.suggested < limit) {
      const piece = this.#lone.take() ?? this.#lone.takeAgain(each => this.#mayReassign(each, peer))
      if (piece === undefined) return
      const assignee = this.#assignees.get(piece)
      if (assignee !== undefined) this.#settle(assignee, piece)
      this.#assignees.set(piece, peer)
      assignment.pieces.set(piece, this.#map.blockCount(piece))
      assignment.suggested++
      peer.link.suggest(piece)
    }
  }

  /** Whether a piece may be suggested to `peer`: the one that it was assigned to is gone, or withholds what it got. */
  #mayReassign(piece: number, peer: Peer): boolean {
    const assignee = this.#assignees.get(piece)
    return (
      assignee !== peer && !peer.pieces.has(piece) && (assignee === undefined || this.withholds(assignee))
    )
  }

  /** The piece is not assigned to the peer any more. */
  #settle(peer: Peer, piece: number): void {
    const assignment = this.#assignments.get(peer)
    const left = assignment?.pieces.get(piece)
    if (assignment === undefined || left === undefined) return
    assignment.pieces.delete(piece)
    if (left === 0) assignment.sent--
    else if (left === this.#map.blockCount(piece)) assignment.suggested--
    this.#assignees.delete(piece)
    this.#lone.giveBack(piece)
  }

  #assignmentOf(peer: Peer): Assignment {
    const known = this.#assignments.get(peer)
    if (known !== undefined) return known
    const assignment = { pieces: new Map<number, number>(), suggested: 0, sent: 0 }
    this.#assignments.set(peer, assignment)
    return assignment
  }
}
