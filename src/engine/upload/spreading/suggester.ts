// BEP 6, suggest: a hint which pieces are best asked of us.

import { Bitfield } from '../../../base/bitfield.js'
import type { Random } from '../../../base/random.js'

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
  readonly supportsFast: boolean
  /** Bytes per second from us to it. */
  readonly rateFromUs: number
  readonly link: { suggest(piece: number): void }
}

/** Suggestions that a peer has and did not ask for yet: a second of its rate. */
const MIN_NAMED = 1
const MAX_NAMED = 32
const NAMED_SECONDS = 1

/** Pieces that are remembered of a peer. */
const MAX_CARRIED = 64

/** What a peer was the first to be named or to ask for: how many blocks of each piece it has not asked for. */
interface Load {
  readonly pieces: Map<number, number>
  /** Pieces of which it has asked for nothing. */
  named: number
}

/**
 * A seeder knows best what it has not sent yet: it names each peer that it serves pieces that nobody else was named and
 * nobody has asked it for. So peers that fetch pieces in any order take from a seeder what it sent least, until it has sent
 * everything once. Pieces go in order, round the end, from one that is drawn: several seeders begin at different places.
 */
export class Suggester<Peer extends SuggestedPeer> {
  readonly #map: SuggestedMap
  /** Pieces that somebody has, asked for or was named. */
  readonly #out: Bitfield
  readonly #loads = new Map<Peer, Load>()
  #cursor: number

  constructor(map: SuggestedMap, random: Random) {
    this.#map = map
    this.#out = new Bitfield(map.pieceCount)
    this.#cursor = random.below(map.pieceCount)
  }

  /** Everything was sent once, as far as we know. */
  get isOver(): boolean {
    return this.#out.isFull
  }

  /** A peer may ask us for a block of a piece, and did. */
  onAsked(peer: Peer, piece: number): void {
    const load = this.#loads.get(peer)
    if (load === undefined) return
    const left = load.pieces.get(piece)
    const isFirst = left === undefined && this.#out.add(piece)
    if (left === undefined && !isFirst) return
    const blocks = this.#map.blockCount(piece)
    load.pieces.set(piece, Math.max(0, (left ?? blocks) - 1))
    if (left === blocks) load.named--
    if (left === blocks || isFirst) this.suggest(peer)
  }

  onHave(piece: number): void {
    this.#out.add(piece)
  }

  /** It is choked or gone, and was not sent all of these pieces: who was to have them first may not, so others are to. */
  onChoked(peer: Peer, unsent: ReadonlySet<number>): void {
    for (const [piece, left] of this.#loads.get(peer)?.pieces ?? []) {
      if (left > 0 || unsent.has(piece)) this.#out.delete(piece)
    }
    this.#loads.delete(peer)
  }

  /** A peer was unchoked, or may want more. */
  suggest(peer: Peer): void {
    if (peer.isChoked || !peer.supportsFast || this.isOver) return
    const load = this.#loads.get(peer) ?? this.#begin(peer)
    const room = Math.ceil((peer.rateFromUs * NAMED_SECONDS) / this.#map.pieceLength)
    const limit = Math.min(MAX_NAMED, Math.max(MIN_NAMED, room))
    for (; load.named < limit && !this.isOver; load.named++) {
      const piece = this.#take()
      load.pieces.set(piece, this.#map.blockCount(piece))
      peer.link.suggest(piece)
    }
    forgetOldest(load)
  }

  #begin(peer: Peer): Load {
    for (const piece of peer.pieces) this.#out.add(piece)
    const load = { pieces: new Map<number, number>(), named: 0 }
    this.#loads.set(peer, load)
    return load
  }

  #take(): number {
    while (!this.#out.add(this.#cursor)) this.#cursor = (this.#cursor + 1) % this.#out.length
    return this.#cursor
  }
}

/** What was asked for long ago was sent. */
function forgetOldest({ pieces }: Load): void {
  for (const [piece, left] of pieces) {
    if (pieces.size <= MAX_CARRIED) return
    if (left === 0) pieces.delete(piece)
  }
}
