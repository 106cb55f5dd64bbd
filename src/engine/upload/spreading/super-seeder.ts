// BEP 16: a seeder that looks like a leecher with nothing, and lets each peer see only pieces that nobody has yet.

import type { Bitfield } from '../../../base/bitfield.js'
import type { Random } from '../../../base/random.js'
import { type Copies, LonePieces } from './lone-pieces.js'

/** What the super-seeder must know of a peer, and do to it. */
export interface ShownPeer {
  readonly pieces: Bitfield
  readonly isSeed: boolean
  /** Bytes per second from us to it. */
  readonly rateFromUs: number
  readonly link: { have(piece: number): void }
}

/** Pieces that a peer sees and has not passed on: more where it takes them fast. */
const MIN_OPEN = 2
const MAX_OPEN = 64
const OPEN_SECONDS = 2

/** Pieces that a peer is told of in a second once all are out: no more than it can fetch. */
const SHOWN_A_SECOND = 200

/** What one peer was shown. */
interface Show {
  readonly shown: Set<number>
  /** Pieces that nobody but this peer has, if anybody. */
  readonly open: Set<number>
  /** When all are out: up to where it was told of all pieces. */
  next: number
}

/**
 * Each piece is shown to one peer, which sees the next when others have got that one from it: so what we send goes on to
 * others, and nothing is sent twice before everything was sent once. Nobody waits for us: while slots are free, peers are
 * shown more. When everything is out it is over, and peers are told of all pieces.
 */
export class SuperSeeder<Peer extends ShownPeer> {
  readonly #pieceCount: number
  readonly #pieceLength: number
  readonly #lone: LonePieces
  readonly #shows = new Map<Peer, Show>()
  /** Who is to pass a piece on. */
  readonly #bearers = new Map<number, Set<Peer>>()
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

  /** Every piece was seen with somebody else: from here on we are a seeder like others. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** Whether a peer may ask for a piece. */
  shows(peer: Peer, piece: number): boolean {
    return this.#isOver || (this.#shows.get(peer)?.shown.has(piece) ?? false)
  }

  /** A peer was greeted as by a leecher with nothing. */
  onJoined(peer: Peer): void {
    this.#shows.set(peer, { shown: new Set(), open: new Set(), next: 0 })
    this.#showMore(peer)
  }

  /** It said which pieces it has. */
  onPieces(peer: Peer): void {
    if (peer.isSeed) this.#isOver = true
    for (const piece of this.#bearers.keys()) if (peer.pieces.has(piece)) this.#gotOut(peer, piece)
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

  /** Once a second. `isIdle`: there are slots that nobody wants. */
  onSecond(isIdle: boolean): void {
    if (this.#isOver) {
      for (const [peer, show] of this.#shows) this.#showRest(peer, show)
    } else if (isIdle) {
      for (const [peer, show] of this.#shows) this.#showDespite(peer, show)
    }
  }

  /** A peer has a piece that somebody is to pass on: whoever has done so sees more. */
  #gotOut(peer: Peer, piece: number): void {
    const isAlone = this.#shows.size === 1
    for (const bearer of this.#bearers.get(piece) ?? []) {
      if (bearer === peer && !isAlone && !this.#lone.isSafe(piece)) continue
      const show = this.#shows.get(bearer)
      if (show === undefined) continue
      this.#close(bearer, show, piece)
      if (bearer !== peer) this.#showMore(bearer)
    }
  }

  #close(peer: Peer, show: Show, piece: number): void {
    show.open.delete(piece)
    this.#lone.giveBack(piece)
    const bearers = this.#bearers.get(piece)
    bearers?.delete(peer)
    if (bearers?.size === 0) this.#bearers.delete(piece)
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

  /** Shows a piece to one that has got all it was shown, whether it passed it on or not. */
  #showDespite(peer: Peer, show: Show): void {
    for (const piece of show.open) if (!peer.pieces.has(piece)) return
    const piece =
      this.#lone.take() ??
      this.#lone.takeAgain(candidate => !show.shown.has(candidate) && !peer.pieces.has(candidate))
    if (piece !== undefined) this.#show(peer, show, piece)
  }

  #show(peer: Peer, show: Show, piece: number): void {
    show.shown.add(piece)
    show.open.add(piece)
    const bearers = this.#bearers.get(piece)
    if (bearers === undefined) this.#bearers.set(piece, new Set([peer]))
    else bearers.add(peer)
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
