// BEP 6, allowed fast: pieces that a peer may ask for while it is choked.

import type { Bitfield } from '../../base/bitfield.js'
import type { UploadQueue } from './upload-queue.js'

/** What must be known of a peer that is choked in the middle of a piece. */
export interface CutPeer {
  readonly pieces: Bitfield
  readonly supportsFast: boolean
  readonly uploads: Pick<UploadQueue, 'begun' | 'length'>
}

/** Who has not finished its piece after so long leaves its place to another. */
const FINISHING_MS = 60_000

/** The rest of a piece: how many of its blocks may still be asked for. */
interface Rest {
  readonly piece: number
  readonly since: number
  blocksLeft: number
}

/**
 * A peer that is choked while it is sent a piece may have the rest of it: half a piece is of no use to the swarm before somebody
 * sends the other half, and most often the whole is sent again to another. It is no more than what was left of one piece, for no
 * more peers at a time than twice the slots.
 */
export class UnfinishedPieces<Peer extends CutPeer> {
  readonly #blockCount: (piece: number) => number
  readonly #rests = new Map<Peer, Rest>()

  /** @param blockCount of a piece */
  constructor(blockCount: (piece: number) => number) {
    this.#blockCount = blockCount
  }

  /** A peer is about to be choked: the piece that it may finish, if any. */
  cut(peer: Peer, slots: number, now: number): number | undefined {
    const { begun } = peer.uploads
    if (begun === undefined || !peer.supportsFast || peer.pieces.has(begun.piece)) return undefined
    const blocksLeft = this.#blockCount(begun.piece) - begun.served
    if (blocksLeft <= 0 || this.#finishing(now) >= 2 * slots) return undefined
    this.#rests.set(peer, { piece: begun.piece, since: now, blocksLeft })
    return begun.piece
  }

  /** Whether a block of a piece that a choked peer asks for is one that it may still have; if so it is one less. */
  take(peer: Peer, piece: number): boolean {
    const rest = this.#rests.get(peer)
    if (rest?.piece !== piece || rest.blocksLeft === 0) return false
    rest.blocksLeft--
    return true
  }

  /** It is choked no more, or gone. */
  forget(peer: Peer): void {
    this.#rests.delete(peer)
  }

  #finishing(now: number): number {
    let count = 0
    for (const [{ pieces, uploads }, { piece, since, blocksLeft }] of this.#rests) {
      const isOver = pieces.has(piece) || (blocksLeft === 0 && uploads.length === 0)
      if (!isOver && now - since < FINISHING_MS) count++
    }
    return count
  }
}
