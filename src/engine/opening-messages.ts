// The opening messages: the pieces that we have (BEP 3, 6), those a choked peer may request (BEP 6), and our extensions (BEP 10).

import type { Bitfield } from '../base/bitfield.js'
import type { Digests } from '../protocol/digests.js'
import type { PieceMap } from '../protocol/metainfo/piece-map.js'
import { EXTENSION_HANDSHAKE_ID, encodeExtensionHandshake } from '../protocol/peer/extension-handshake.js'
import { ALLOWED_FAST_COUNT, allowedFastSet } from '../protocol/peer/fast-extension.js'
import { hostToBytes } from '../protocol/peer-address.js'
import type { ConnectedPeer } from './connected-peer.js'
import type { Peer } from './peer.js'
import { MAX_UPLOAD_REQUESTS } from './upload/upload-queue.js'

/** Our side of the extension handshake. */
export interface OwnFacts {
  /** Our name and version. */
  readonly client: string
  readonly listenPort: number
  /** We can begin encrypted connections; peers tell others so (BEP 11). */
  readonly prefersEncryption?: boolean
  /** The bytes that the info hash covers, for peers that have none (BEP 9); absent where they are not to be given. */
  readonly metadata?: Uint8Array | undefined
}

export interface OpeningFacts extends OwnFacts {
  /** 20 bytes: the info hash of the torrent, the v1 hash of a hybrid. */
  readonly infoHash: Uint8Array
  readonly map: PieceMap
  readonly digests: Digests
}

/** The parts of the extension handshake that change. */
export interface HandshakeState {
  /** Names of extensions, and the ids under which we want their messages. */
  readonly extensions: ReadonlyMap<string, number>
  /** BEP 21: nothing more is wanted. */
  readonly isUploadOnly: boolean
}

/**
 * Sends the opening messages; the bitfield comes first, as older clients demand.
 * @param have the pieces to announce
 */
export function sendOpeningMessages(
  peer: Peer,
  have: Bitfield,
  facts: OpeningFacts,
  state: HandshakeState,
): void {
  const { link } = peer
  if (peer.supportsFast && have.isFull) link.haveAll()
  else if (peer.supportsFast && have.isEmpty) link.haveNone()
  else if (!have.isEmpty) link.bitfield(have.bytes)
  if (peer.supportsFast && have.count >= ALLOWED_FAST_COUNT) allowFast(peer, have, facts)
  sendExtensionHandshake(peer, facts, state)
}

/**
 * The same on a connection that exchanged metadata before, where it was said that we have nothing: what has changed.
 * @param have as `sendOpeningMessages`; each piece is a message
 */
export function sendLateOpeningMessages(
  peer: Peer,
  have: Bitfield,
  facts: OpeningFacts,
  state: HandshakeState,
): void {
  for (let piece = 0; piece < have.length; piece++) if (have.has(piece)) peer.link.have(piece)
  sendExtensionHandshake(peer, facts, state)
}

/** Sends the extension handshake; again when something in it has changed. */
export function sendExtensionHandshake(peer: ConnectedPeer, facts: OwnFacts, state: HandshakeState): void {
  if (!peer.introduction.features.extensions) return
  const payload = encodeExtensionHandshake({
    extensions: state.extensions,
    client: facts.client,
    listenPort: facts.listenPort,
    requestQueue: MAX_UPLOAD_REQUESTS,
    isUploadOnly: state.isUploadOnly,
    prefersEncryption: facts.prefersEncryption ?? false,
    metadataSize: facts.metadata?.length,
    yourIp: hostToBytes(peer.introduction.address.host),
  })
  peer.link.extended(EXTENSION_HANDSHAKE_ID, payload)
}

function allowFast(peer: Peer, have: Bitfield, facts: OpeningFacts): void {
  const { host } = peer.introduction.address
  const allowed = allowedFastSet(host, facts.infoHash, facts.map.pieceCount, facts.digests)
  peer.allowedFastByUs = new Set(allowed.filter(piece => have.has(piece)))
  for (const piece of peer.allowedFastByUs) peer.link.allowedFast(piece)
}
