// BEP 6, suggest: a hint which pieces are best asked of us.

import type { Bitfield } from '../../../base/bitfield.js'
import type { Random } from '../../../base/random.js'
import { type Copies, LonePieces } from './lone-pieces.js'

/** What the suggester must know of the torrent. */
export interface SuggestedMap {
  readonly pieceCount: number
  readonly pieceLength: number
  blockCount(piece: number): number
}

/** What the suggester must know of a peer, and do to it. */
export interface SuggestedPeer {
  readonly pieces: Bitfield
  readonly isChoked: boolean
  readonly heedsSuggestions: boolean
  /** Bytes per second from us to it. */
  readonly rateFromUs: number
  readonly link: { suggest(piece: number): void }
}

/** Suggestions that a peer has and did not ask for yet: a second of its rate. */
const MIN_NAMED = 1
const MAX_NAMED = 32
const NAMED_SECONDS = 1

/** Pieces that a peer may have from us, with nobody else having got them from it: more where it takes them fast. */
const MIN_OWED = 3
const OWED_SECONDS = 20

/** What a peer is to pass on: how many blocks of each piece it has not asked for. */
interface Load {
  readonly pieces: Map<number, number>
  /** Pieces of which it has asked for nothing. */
  named: number
  /** Pieces of which it has asked for everything. */
  owed: number
}

/**
 * A seeder knows best what it has not sent yet: it names each peer that it serves pieces that nobody else was named and
 * nobody has. So peers that fetch pieces in any order take from a seeder what it sent least. It also sees who passes nothing on: pieces
 * that it sent to such a peer are named to others in the end.
 */
export class Suggester<Peer extends SuggestedPeer> {
  readonly #map: SuggestedMap
  readonly #lone: LonePieces
  /** Of all peers that were served. */
  readonly #loads = new Map<Peer, Load>()
  /** Who was the last to be named a piece, or to ask for it as the first. */
  readonly #bearers = new Map<number, Peer>()

  /** @param copies how many peers have each piece; told of a change before this is */
  constructor(map: SuggestedMap, copies: Copies, random: Random) {
    this.#map = map
    this.#lone = new LonePieces(map.pieceCount, copies, random)
  }

  /** Each piece is with others, too. */
  get isOver(): boolean {
    return this.#lone.areOut
  }

  /** Whether a peer has much from us that nobody got from it. */
  owes(peer: Peer): boolean {
    const limit = Math.max(MIN_OWED, (peer.rateFromUs * OWED_SECONDS) / this.#map.pieceLength)
    return (this.#loads.get(peer)?.owed ?? 0) > limit
  }

  /** A peer may ask us for a block of a piece, and did. */
  onAsked(peer: Peer, piece: number): void {
    const load = this.#loads.get(peer)
    if (load === undefined) return
    const blocks = this.#map.blockCount(piece)
    const isNew = !load.pieces.has(piece)
    if (isNew) {
      if (this.#bearers.has(piece) || !this.#lone.claim(piece)) return
      this.#bearers.set(piece, peer)
    }
    const left = load.pieces.get(piece) ?? blocks
    load.pieces.set(piece, Math.max(0, left - 1))
    if (left === 1) load.owed++
    if (left === blocks && !isNew) load.named--
    if (left === blocks) this.suggest(peer)
  }

  /** A peer has got a piece. */
  onHave(piece: number): void {
    const bearer = this.#bearers.get(piece)
    if (bearer !== undefined && this.#lone.isSafe(piece)) this.#settle(bearer, piece)
  }

  /** A peer lost a piece (BEP 54). */
  onLost(piece: number): void {
    this.#lone.onLost(piece)
  }

  /**
   * It is choked, and was not sent all of these pieces: others are named them.
   * @param unfinished the piece of which it may still have the rest
   */
  onChoked(peer: Peer, unsent: ReadonlySet<number>, unfinished: number | undefined): void {
    for (const [piece, left] of this.#loads.get(peer)?.pieces ?? []) {
      if (piece !== unfinished && (left > 0 || unsent.has(piece))) this.#settle(peer, piece)
    }
  }

  onRemoved(peer: Peer): void {
    this.#lone.onPeerWent()
    for (const piece of this.#loads.get(peer)?.pieces.keys() ?? []) this.#settle(peer, piece)
    this.#loads.delete(peer)
  }

  /** A peer was unchoked, or may want more. */
  suggest(peer: Peer): void {
    if (peer.isChoked || !peer.heedsSuggestions) return
    const load = this.#loadOf(peer)
    const room = Math.ceil((peer.rateFromUs * NAMED_SECONDS) / this.#map.pieceLength)
    const limit = Math.min(MAX_NAMED, Math.max(MIN_NAMED, room))
    while (load.named < limit) {
      const piece = this.#lone.take() ?? this.#lone.takeAgain(each => this.#isLeft(each, peer))
      if (piece === undefined) return
      const bearer = this.#bearers.get(piece)
      if (bearer !== undefined) this.#settle(bearer, piece)
      this.#bearers.set(piece, peer)
      load.pieces.set(piece, this.#map.blockCount(piece))
      load.named++
      peer.link.suggest(piece)
    }
  }

  /** Whether a piece may be named to `peer`, since nothing more is to be hoped of the one to whom it was named. */
  #isLeft(piece: number, peer: Peer): boolean {
    const bearer = this.#bearers.get(piece)
    return bearer !== peer && !peer.pieces.has(piece) && (bearer === undefined || this.owes(bearer))
  }

  /** It has nothing to do with this piece any more. */
  #settle(peer: Peer, piece: number): void {
    const load = this.#loads.get(peer)
    const left = load?.pieces.get(piece)
    if (load === undefined || left === undefined) return
    load.pieces.delete(piece)
    if (left === 0) load.owed--
    else if (left === this.#map.blockCount(piece)) load.named--
    this.#bearers.delete(piece)
    this.#lone.giveBack(piece)
  }

  #loadOf(peer: Peer): Load {
    const known = this.#loads.get(peer)
    if (known !== undefined) return known
    const load = { pieces: new Map<number, number>(), named: 0, owed: 0 }
    this.#loads.set(peer, load)
    return load
  }
}
