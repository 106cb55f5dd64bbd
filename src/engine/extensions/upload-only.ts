// BEP 21 as a message, which µTorrent and libtorrent send between handshakes.

import { decodeUploadOnly } from '../../protocol/peer/upload-only.js'
import type { Peer } from '../peer.js'
import type { Extension } from './extension.js'

/** A peer wants nothing more, or something again. */
export class UploadOnly implements Extension<Peer> {
  readonly name = 'upload_only'
  readonly isOffered = true
  readonly #changed: (peer: Peer, isUploadOnly: boolean) => void

  constructor(changed: (peer: Peer, isUploadOnly: boolean) => void) {
    this.#changed = changed
  }

  onMessage(peer: Peer, payload: Uint8Array): 'read' | 'malformed' {
    const isUploadOnly = decodeUploadOnly(payload)
    if (isUploadOnly === undefined) return 'malformed'
    this.#changed(peer, isUploadOnly)
    return 'read'
  }
}
