// BEP 21, as a message: µTorrent and libtorrent say in one byte what has changed since their extension handshake.

/** True if the sender wants nothing more; undefined for an empty message. */
export function decodeUploadOnly(payload: Uint8Array): boolean | undefined {
  return payload.length > 0 ? payload[0] !== 0 : undefined
}
