// BEP 54: pieces that a peer has lost.

import { decodeDontHave } from '../../protocol/peer/dont-have.js'
import type { Peer } from '../peer.js'
import type { Extension } from './extension.js'

export interface DontHaveOwner {
  /** The piece was removed from the peer's set. */
  onDontHave(peer: Peer, piece: number): void
}

/** Removes pieces from a peer's set. */
export class DontHave implements Extension<Peer> {
  readonly name = 'lt_donthave'
  readonly isOffered = true
  readonly #owner: DontHaveOwner

  constructor(owner: DontHaveOwner) {
    this.#owner = owner
  }

  onMessage(peer: Peer, payload: Uint8Array): 'read' | 'malformed' {
    const piece = decodeDontHave(payload)
    if (piece === undefined || piece >= peer.pieces.length) return 'malformed'
    if (!peer.pieces.delete(piece)) return 'read'
    peer.endAllowedFast(piece)
    this.#owner.onDontHave(peer, piece)
    peer.noLongerHas(piece)
    return 'read'
  }
}
