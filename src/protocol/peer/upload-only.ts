// BEP 21, as a message: µTorrent and libtorrent say in one byte what has changed since their extension handshake.

/** Whether the sender wants nothing more; undefined where the message is empty. */
export function decodeUploadOnly(payload: Uint8Array): boolean | undefined {
  return payload.length > 0 ? payload[0] !== 0 : undefined
}
