// What a peer is told first: what we have (BEP 3, 6), which pieces it may ask for at once (BEP 6), who we are (BEP 10).

import type { Bitfield } from '../base/bitfield.js'
import type { Digests } from '../protocol/digests.js'
import type { PieceMap } from '../protocol/metainfo/piece-map.js'
import { EXTENSION_HANDSHAKE_ID, encodeExtensionHandshake } from '../protocol/peer/extension-handshake.js'
import { ALLOWED_FAST_COUNT, allowedFastSet } from '../protocol/peer/fast-extension.js'
import { hostToBytes } from '../protocol/peer-address.js'
import type { ConnectedPeer } from './connected-peer.js'
import type { Peer } from './peer.js'
import { MAX_UPLOAD_REQUESTS } from './upload/upload-queue.js'

/** What the extension handshake says of us. */
export interface OwnFacts {
  /** Our name and version. */
  readonly client: string
  readonly listenPort: number
  /** Peers tell others that we can begin connections encrypted. */
  readonly prefersEncryption?: boolean
}

export interface GreetingFacts extends OwnFacts {
  /** 20 bytes: what peers know the torrent by; the first of both for a hybrid. */
  readonly infoHash: Uint8Array
  readonly map: PieceMap
  readonly digests: Digests
}

/** What changes in the extension handshake. */
export interface HandshakeState {
  /** Names of extensions, and under which ids we want their messages. */
  readonly extensions: ReadonlyMap<string, number>
  /** BEP 21: nothing more is wanted. */
  readonly isUploadOnly: boolean
}

/**
 * Everything that is said right after the handshake; the bitfield comes first, as older clients demand.
 * @param have the pieces that are offered
 */
export function greet(peer: Peer, have: Bitfield, facts: GreetingFacts, state: HandshakeState): void {
  const { link } = peer
  if (peer.supportsFast && have.isFull) link.haveAll()
  else if (peer.supportsFast && have.isEmpty) link.haveNone()
  else if (!have.isEmpty) link.bitfield(have.bytes)
  if (peer.supportsFast && have.count >= ALLOWED_FAST_COUNT) allowFast(peer, have, facts)
  shakeHands(peer, facts, state)
}

/** The extension handshake; said again when something in it has changed. */
export function shakeHands(peer: ConnectedPeer, facts: OwnFacts, state: HandshakeState): void {
  if (!peer.introduction.features.extensions) return
  const payload = encodeExtensionHandshake({
    extensions: state.extensions,
    client: facts.client,
    listenPort: facts.listenPort,
    requestQueue: MAX_UPLOAD_REQUESTS,
    isUploadOnly: state.isUploadOnly,
    prefersEncryption: facts.prefersEncryption ?? false,
    metadataSize: undefined,
    yourIp: hostToBytes(peer.introduction.address.host),
  })
  peer.link.extended(EXTENSION_HANDSHAKE_ID, payload)
}

function allowFast(peer: Peer, have: Bitfield, facts: GreetingFacts): void {
  const { host } = peer.introduction.address
  const allowed = allowedFastSet(host, facts.infoHash, facts.map.pieceCount, facts.digests)
  peer.allowedFastByUs = new Set(allowed.filter(piece => have.has(piece)))
  for (const piece of peer.allowedFastByUs) peer.link.allowedFast(piece)
}
