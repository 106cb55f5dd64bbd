// BEP 3: the handshake, with the reserved bits of BEP 5, 6, 10 and 52.

import { equalBytes, toUtf8 } from '../../base/bytes.js'

export const HANDSHAKE_LENGTH = 68

/** Bytes by which a handshake is known. */
export const PROTOCOL_LENGTH = 20

const PROTOCOL = toUtf8('\u0013BitTorrent protocol')
const RESERVED_AT = PROTOCOL_LENGTH
const INFO_HASH_AT = RESERVED_AT + 8
const PEER_ID_AT = INFO_HASH_AT + 20

export interface Handshake {
  /** 20 bytes: SHA-1, or the first 20 bytes of the SHA-256 (BEP 52). */
  readonly infoHash: Uint8Array
  /** 20 bytes. */
  readonly peerId: Uint8Array
  readonly features: PeerFeatures
}

/** The features that the reserved bits announce. */
export interface PeerFeatures {
  /** BEP 6 */
  readonly fast: boolean
  /** BEP 10 */
  readonly extensions: boolean
  /** BEP 52: a v1 handshake of a hybrid torrent may be answered with the v2 hash. */
  readonly v2: boolean
}

export function encodeHandshake(handshake: Handshake): Uint8Array {
  const bytes = new Uint8Array(HANDSHAKE_LENGTH)
  bytes.set(PROTOCOL)
  if (handshake.features.extensions) bytes[RESERVED_AT + 5] = 0x10
  bytes[RESERVED_AT + 7] = (handshake.features.fast ? 0x04 : 0) | (handshake.features.v2 ? 0x10 : 0)
  bytes.set(handshake.infoHash, INFO_HASH_AT)
  bytes.set(handshake.peerId, PEER_ID_AT)
  return bytes
}

/** True if the bytes so far (at most 68) can still become a handshake, so that anything else is dropped at its first byte. */
export function isHandshakeStart(bytes: Uint8Array): boolean {
  const length = Math.min(bytes.length, PROTOCOL_LENGTH)
  return equalBytes(bytes.subarray(0, length), PROTOCOL.subarray(0, length))
}

/** Reads 68 bytes that `isHandshakeStart`; what it returns is copied. */
export function decodeHandshake(bytes: Uint8Array): Handshake {
  const reserved5 = bytes[RESERVED_AT + 5] ?? 0
  const reserved7 = bytes[RESERVED_AT + 7] ?? 0
  return {
    infoHash: bytes.slice(INFO_HASH_AT, PEER_ID_AT),
    peerId: bytes.slice(PEER_ID_AT, HANDSHAKE_LENGTH),
    features: {
      fast: (reserved7 & 0x04) !== 0,
      extensions: (reserved5 & 0x10) !== 0,
      v2: (reserved7 & 0x10) !== 0,
    },
  }
}
