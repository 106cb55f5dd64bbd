// BEP 16: a seeder that looks like a leecher with no pieces, and announces to each peer only pieces that no other peer has.

import type { Bitfield } from '../../../base/bitfield.js'
import type { Random } from '../../../base/random.js'
import { type Copies, LonePieces } from './lone-pieces.js'

/** A peer, as the super-seeder sees it. */
export interface ShownPeer {
  readonly pieces: Bitfield
  readonly isSeed: boolean
  /** Bytes per second from us to it. */
  readonly rateFromUs: number
  readonly link: { have(piece: number): void }
}

/** Pieces that a peer was shown and that no other peer has got from it: 2 s of its rate, 2 to 64. */
const MIN_OPEN = 2
const MAX_OPEN = 64
const OPEN_SECONDS = 2

/** Pieces that are announced to a peer each second once super-seeding is over: no more than it can fetch. */
const SHOWN_A_SECOND = 200

/** The pieces that one peer was shown. */
interface Show {
  readonly shown: Set<number>
  /** Shown pieces that no other peer has got yet. */
  readonly open: Set<number>
  /** After super-seeding: the next piece to announce. */
  next: number
}

/**
 * Each piece is shown to one peer, which is shown the next when others have got that one from it: so what we send is uploaded to
 * others, and nothing is sent twice before everything was sent once. While slots are free, peers are shown more pieces. Super-seeding
 * is over when other peers have every piece; then all pieces are announced to all peers.
 */
export class SuperSeeder<Peer extends ShownPeer> {
  readonly #pieceCount: number
  readonly #pieceLength: number
  readonly #lone: LonePieces
  readonly #shows = new Map<Peer, Show>()
  /** The peers that each open piece was shown to. */
  readonly #shownTo = new Map<number, Set<Peer>>()
  #isOver = false

  /** @param copies how many peers have each piece; told of a change before this is */
  constructor(
    { pieceCount, pieceLength }: { pieceCount: number; pieceLength: number },
    copies: Copies,
    random: Random,
  ) {
    this.#pieceCount = pieceCount
    this.#pieceLength = pieceLength
    this.#lone = new LonePieces(pieceCount, copies, random)
  }

  /** Other peers have every piece: from here on we are a usual seeder. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Whether a peer may request a piece. */
  shows(peer: Peer, piece: number): boolean {
    return this.#isOver || (this.#shows.get(peer)?.shown.has(piece) ?? false)
  }

  /** A peer was told that we have no pieces. */
  onJoined(peer: Peer): void {
    this.#shows.set(peer, { shown: new Set(), open: new Set(), next: 0 })
    this.#showMore(peer)
  }

  /** A peer announced its pieces. */
  onPieces(peer: Peer): void {
    if (peer.isSeed) this.#isOver = true
    for (const piece of this.#shownTo.keys()) if (peer.pieces.has(piece)) this.#gotOut(peer, piece)
    this.#showMore(peer)
  }

  onHave(peer: Peer, piece: number): void {
    if (peer.isSeed) this.#isOver = true
    this.#gotOut(peer, piece)
    this.#showMore(peer)
  }

  onRemoved(peer: Peer): void {
    const show = this.#shows.get(peer)
    if (show === undefined) return
    this.#shows.delete(peer)
    this.#lone.onPeerWent()
    for (const piece of show.open) this.#close(peer, show, piece)
  }

  /** A peer lost a piece (BEP 54). */
  onLost(piece: number): void {
    this.#lone.onLost(piece)
  }

  /**
   * Call once a second.
   * @param isIdle slots are free
   */
  onSecond(isIdle: boolean): void {
    if (this.#isOver) {
      for (const [peer, show] of this.#shows) this.#showRest(peer, show)
    } else if (isIdle) {
      for (const [peer, show] of this.#shows) this.#showUnconditionally(peer, show)
    }
  }

  /** A peer has got a piece: the peers that it was shown to, and that uploaded it, are shown more. */
  #gotOut(peer: Peer, piece: number): void {
    const isAlone = this.#shows.size === 1
    for (const other of this.#shownTo.get(piece) ?? []) {
      if (other === peer && !isAlone && !this.#lone.isSafe(piece)) continue
      const show = this.#shows.get(other)
      if (show === undefined) continue
      this.#close(other, show, piece)
      if (other !== peer) this.#showMore(other)
    }
  }

  #close(peer: Peer, show: Show, piece: number): void {
    show.open.delete(piece)
    this.#lone.giveBack(piece)
    const peers = this.#shownTo.get(piece)
    peers?.delete(peer)
    if (peers?.size === 0) this.#shownTo.delete(piece)
  }

  #showMore(peer: Peer): void {
    const show = this.#shows.get(peer)
    if (show === undefined || this.#isOver) return
    const room = Math.ceil((peer.rateFromUs * OPEN_SECONDS) / this.#pieceLength)
    const limit = Math.min(MAX_OPEN, Math.max(MIN_OPEN, room))
    while (show.open.size < limit) {
      const piece = this.#lone.take()
      if (piece === undefined) {
        this.#isOver ||= this.#lone.areOut
        return
      }
      this.#show(peer, show, piece)
    }
  }

  /** Shows a piece to a peer that has got all that it was shown, whether it has uploaded it or not. */
  #showUnconditionally(peer: Peer, show: Show): void {
    for (const piece of show.open) if (!peer.pieces.has(piece)) return
    const piece =
      this.#lone.take() ?? this.#lone.takeAgain(each => !show.shown.has(each) && !peer.pieces.has(each))
    if (piece !== undefined) this.#show(peer, show, piece)
  }

  #show(peer: Peer, show: Show, piece: number): void {
    show.shown.add(piece)
    show.open.add(piece)
    const peers = this.#shownTo.get(piece)
    if (peers === undefined) this.#shownTo.set(piece, new Set([peer]))
    else peers.add(peer)
    peer.link.have(piece)
  }

  #showRest(peer: Peer, show: Show): void {
    for (let count = 0; count < SHOWN_A_SECOND && show.next < this.#pieceCount; show.next++) {
      if (peer.pieces.has(show.next) || show.shown.has(show.next)) continue
      peer.link.have(show.next)
      count++
    }
  }
}
