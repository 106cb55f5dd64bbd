// BEP 10: which extensions there are, under which ids a peer wants them, and who hears what comes.

import {
  decodeExtensionHandshake,
  EXTENSION_HANDSHAKE_ID,
  type ExtensionHandshake,
} from '../../protocol/peer/extension-handshake.js'
import { ExtensionId, isExtensionName } from '../../protocol/peer/extension-ids.js'
import type { Peer } from '../peer.js'
import type { CloseReason } from '../world.js'
import type { Extension } from './extension.js'

export interface ExtensionsOwner {
  readonly now: number
  onExtensionHandshake(peer: Peer, handshake: ExtensionHandshake): void
  dropPeer(peer: Peer, reason: CloseReason, detail: string): void
}

/** The extensions of one torrent. */
export class Extensions {
  /** What our handshake says in `m`: names, and under which ids we want their messages. */
  readonly offered: ReadonlyMap<string, number>
  readonly #owner: ExtensionsOwner
  readonly #all: readonly Extension[]
  readonly #byId = new Map<number, Extension>()

  constructor(owner: ExtensionsOwner, all: readonly Extension[]) {
    this.#owner = owner
    this.#all = all
    for (const extension of all) this.#byId.set(ExtensionId[extension.name], extension)
    this.offered = new Map(
      all.filter(({ isOffered }) => isOffered).map(({ name }) => [name, ExtensionId[name]]),
    )
  }

  /** An extended message came; ids that nobody knows are read over. */
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

  /** One that cannot be understood is passed over, as libtorrent does: everything in it is optional. */
  #onHandshake(peer: Peer, payload: Uint8Array): void {
    if (!peer.extensionHandshakes.take(this.#owner.now)) {
      this.#owner.dropPeer(peer, 'protocol-error', 'extension handshakes again and again')
      return
    }
    const handshake = decodeExtensionHandshake(payload)
    if (handshake === undefined) return
    learnIds(peer, handshake)
    for (const extension of this.#all) extension.onHandshake?.(peer)
    this.#owner.onExtensionHandshake(peer, handshake)
  }
}

/** A later handshake names what has changed (BEP 10). Names that we do not know are not kept: there is no end of them. */
function learnIds(peer: Peer, { extensions }: ExtensionHandshake): void {
  for (const [name, id] of extensions) {
    if (!isExtensionName(name)) continue
    if (id === 0) peer.extensionIds.delete(name)
    else peer.extensionIds.set(name, id)
  }
}
