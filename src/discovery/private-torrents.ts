// BEP 27: the trackers of a private torrent decide which peers are in its swarm.

import type { PeerSource } from '../protocol/peer-source.js'

const IS_FOR_PRIVATE: Readonly<Record<PeerSource, boolean>> = {
  tracker: true,
  // A person is responsible for it.
  user: true,
  // It knows of us by a tracker, as we would of it.
  incoming: true,
  lsd: false,
  dht: false,
  pex: false,
}

/** True if a torrent may have peers from this source. This is the only place that decides it. */
export function isSourceAllowed(source: PeerSource, torrent: { readonly isPrivate: boolean }): boolean {
  return !torrent.isPrivate || IS_FOR_PRIVATE[source]
}

/** Whether peers are given the metadata: that of a private torrent is handed out by its tracker alone, as other clients have it, too. */
export function isMetadataGiven(torrent: { readonly isPrivate: boolean }): boolean {
  return !torrent.isPrivate
}
