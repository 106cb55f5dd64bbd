// BEP 6, allowed fast: pieces that a peer may request while it is choked.

import type { Bitfield } from '../../base/bitfield.js'
import type { UploadQueue } from './upload-queue.js'

/** A peer that is choked in the middle of a piece, as far as it matters here. */
export interface CutPeer {
  readonly pieces: Bitfield
  readonly supportsFast: boolean
  readonly uploadQueue: Pick<UploadQueue, 'begun' | 'length'>
}

/** A peer that has not finished its piece after a minute does not count against the limit any more. */
const FINISHING_MS = 60_000

/** The rest of a piece: how many of its blocks may still be requested. */
interface Rest {
  readonly piece: number
  readonly since: number
  blocksLeft: number
}

/**
 * A peer that is choked in the middle of a piece may have the rest of it: half a piece is of no use to the swarm before the
 * other half is sent, and most often the whole is sent again to another peer. It is the rest of one piece at most, for at most
 * twice as many peers at a time as there are slots.
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
    const { begun } = peer.uploadQueue
    if (begun === undefined || !peer.supportsFast || peer.pieces.has(begun.piece)) return undefined
    const blocksLeft = this.#blockCount(begun.piece) - begun.served
    if (blocksLeft <= 0 || this.#finishing(now) >= 2 * slots) return undefined
    this.#rests.set(peer, { piece: begun.piece, since: now, blocksLeft })
    return begun.piece
  }

  /** Uses up one of the blocks that a choked peer may still request of a piece; false where there is none. */
  take(peer: Peer, piece: number): boolean {
    const rest = this.#rests.get(peer)
    if (rest?.piece !== piece || rest.blocksLeft === 0) return false
    rest.blocksLeft--
    return true
  }

  /** The peer was unchoked, or is gone. */
  forget(peer: Peer): void {
    this.#rests.delete(peer)
  }

  #finishing(now: number): number {
    let count = 0
    for (const [{ pieces, uploadQueue }, { piece, since, blocksLeft }] of this.#rests) {
      const isOver = pieces.has(piece) || (blocksLeft === 0 && uploadQueue.length === 0)
      if (!isOver && now - since < FINISHING_MS) count++
    }
    return count
  }
}
