import type { ExtensionHandshake } from '../../protocol/peer/extension-handshake.js'
import type { ExtensionName } from '../../protocol/peer/extension-ids.js'
import type { ConnectedPeer } from '../connected-peer.js'

/** One extension of the peer wire (BEP 10). */
export interface Extension<Peer> {
  readonly name: ExtensionName
  /**
   * Whether it is in our handshake. One that is not is understood all the same, should a peer use the id that we keep for it.
   */
  readonly isOffered: boolean
  /**
   * Handles a message; its payload is only valid during the call.
   * @returns `malformed`: the peer broke the protocol, and is dropped
   */
  onMessage(peer: Peer, payload: Uint8Array): 'read' | 'malformed'
  /** The peer's extension handshake was read. */
  onHandshake?(peer: Peer, handshake: ExtensionHandshake): void
  onRemoved?(peer: Peer): void
  onSecond?(now: number): void
}

/** Sends a message of an extension, if the peer understands it. */
export function sendExtended(peer: ConnectedPeer, name: ExtensionName, payload: Uint8Array): void {
  const id = peer.extensionIds.get(name)
  if (id !== undefined) peer.link.extended(id, payload)
}
