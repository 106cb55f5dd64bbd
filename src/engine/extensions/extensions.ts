// BEP 10: the extensions, the ids under which a peer wants their messages, and the dispatch of messages.

import {
  decodeExtensionHandshake,
  EXTENSION_HANDSHAKE_ID,
  type ExtensionHandshake,
} from '../../protocol/peer/extension-handshake.js'
import { ExtensionId, isExtensionName } from '../../protocol/peer/extension-ids.js'
import type { ConnectedPeer } from '../connected-peer.js'
import type { CloseReason } from '../world.js'
import type { Extension } from './extension.js'

export interface ExtensionsOwner<Peer> {
  readonly now: number
  onExtensionHandshake(peer: Peer, handshake: ExtensionHandshake): void
  dropPeer(peer: Peer, reason: CloseReason, detail: string): void
}

/** The extensions of one torrent. */
export class Extensions<Peer extends ConnectedPeer> {
  /** The names and ids of our handshake (`m`). */
  readonly offered: ReadonlyMap<string, number>
  readonly #owner: ExtensionsOwner<Peer>
  readonly #all: readonly Extension<Peer>[]
  readonly #byId = new Map<number, Extension<Peer>>()

  constructor(owner: ExtensionsOwner<Peer>, all: readonly Extension<Peer>[]) {
    this.#owner = owner
    this.#all = all
    for (const extension of all) this.#byId.set(ExtensionId[extension.name], extension)
    this.offered = new Map(
      all.filter(({ isOffered }) => isOffered).map(({ name }) => [name, ExtensionId[name]]),
    )
  }

  /** Handles an extended message; unknown ids are ignored. */
  onMessage(peer: Peer, id: number, payload: Uint8Array): void {
    if (id === EXTENSION_HANDSHAKE_ID) {
      this.#onHandshake(peer, payload)
      return
    }
    const extension = this.#byId.get(id)
    if (extension?.onMessage(peer, payload) !== 'malformed') return
    this.#owner.dropPeer(peer, 'protocol-error', `${extension.name} of ${payload.length} bytes`)
  }

  onRemoved(peer: Peer): void {
    for (const extension of this.#all) extension.onRemoved?.(peer)
  }

  onSecond(now: number): void {
    for (const extension of this.#all) extension.onSecond?.(now)
  }

  /** A malformed handshake is ignored, as libtorrent does: everything in it is optional. */
  #onHandshake(peer: Peer, payload: Uint8Array): void {
    if (!peer.extensionHandshakes.take(this.#owner.now)) {
      this.#owner.dropPeer(peer, 'protocol-error', 'too many extension handshakes')
      return
    }
    const handshake = decodeExtensionHandshake(payload)
    if (handshake !== undefined) this.handshakeCame(peer, handshake)
  }

  /** Acts on a handshake: one that was read, or one that came before the metainfo was here. */
  handshakeCame(peer: Peer, handshake: ExtensionHandshake): void {
    learnIds(peer, handshake)
    // A later handshake holds only what has changed (BEP 10).
    peer.client = handshake.client ?? peer.client
    for (const extension of this.#all) extension.onHandshake?.(peer, handshake)
    this.#owner.onExtensionHandshake(peer, handshake)
  }
}

/** A later handshake names only changes (BEP 10). Unknown names are not kept, since their number has no bound. */
function learnIds(peer: ConnectedPeer, { extensions }: ExtensionHandshake): void {
  for (const [name, id] of extensions) {
    if (!isExtensionName(name)) continue
    if (id === 0) peer.extensionIds.delete(name)
    else peer.extensionIds.set(name, id)
  }
}
