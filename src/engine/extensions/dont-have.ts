// BEP 54: pieces that a peer has lost.

import { decodeDontHave } from '../../protocol/peer/dont-have.js'
import type { Peer } from '../peer.js'
import type { Picker } from '../pick/picker.js'
import type { Extension } from './extension.js'

export interface DontHaveOwner {
  readonly picker: Picker
  readonly downloader: { onRejected(peer: Peer, piece: number, block: number): void }
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
    peer.allowedFastByPeer?.delete(piece)
    this.#owner.onDontHave(peer, piece)
    if (peer.current?.piece === piece) this.#owner.picker.leave(peer)
    if (!peer.supportsFast) this.#takeBack(peer, piece)
    return 'read'
  }

  /** With the fast extension each request is rejected; without it they are all dropped, as by a choke. */
  #takeBack(peer: Peer, piece: number): void {
    const { requests } = peer
    for (let position = requests.length - 1; position >= 0; position--) {
      if (requests.pieceAt(position) !== piece) continue
      // The block may be under way already.
      const block = requests.blockAt(position)
      peer.takenBack.add(piece, block)
      this.#owner.downloader.onRejected(peer, piece, block)
    }
  }
}
